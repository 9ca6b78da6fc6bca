import { ValidationError } from '#shared/platform/errors.ts'
import type { Delivery } from './delivery.ts'

/** Where a delivery stands among those of its target: by the time of its fact. */
export const placeOf = ({ time, deliveryId }: Pick<Delivery, 'time' | 'deliveryId'>): string => `${time}#${deliveryId}`

const PLACE = /^[0-9T:.Z+-]{1,40}#[0-9a-f-]{36}$/

/** Cursor of a list: the last place of the page, and nothing else. The tenant comes from the token every time. */
export const encodeDeliveryCursor = (place: string): string => Buffer.from(place).toString('base64url')

/** @throws ValidationError when {@link encodeDeliveryCursor} did not write it */
export function decodeDeliveryCursor(cursor: string): string {
  const place = Buffer.from(cursor, 'base64url').toString()
  if (PLACE.test(place) && encodeDeliveryCursor(place) === cursor) return place
  throw new ValidationError('the cursor is not valid: pass the "next" of the page before', [
    { path: 'after', message: 'is not a cursor' },
  ])
}
