/** Digits of an id that decide. */
const DIGITS = 8

/**
 * Whether an event belongs to the share that is told. The id decides, so that an event that comes twice is told both times or never.
 *
 * @param id - a UUID
 * @param share - from 0, none, to 1, all
 */
export const isSampled = (id: string, share: number): boolean => Number.parseInt(id.slice(0, DIGITS), 16) < share * 16 ** DIGITS
