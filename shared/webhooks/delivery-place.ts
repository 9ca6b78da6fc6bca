import { decodeCursor } from '#shared/platform/cursor.ts'
import type { Delivery } from './delivery.ts'

/** Where a delivery stands among those of its target: by the time of its fact. */
export const placeOf = ({ time, deliveryId }: Pick<Delivery, 'time' | 'deliveryId'>): string => `${time}#${deliveryId}`

const PLACE = /^[0-9T:.Z+-]{1,40}#[0-9a-f-]{36}$/

/**
 * The last place of a page of deliveries.
 *
 * @throws ValidationError for a cursor that is none
 */
export const decodePlace = (cursor: string): string => decodeCursor(cursor, (text) => PLACE.test(text))
