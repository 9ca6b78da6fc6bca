/** How AWS turns calls into billable units. Sources: the pricing pages that `bench/prices.ts` names. Sizes are bytes. */

const KB = 1024

/** At least one: an empty request is a request. */
const chunks = (bytes: number, size: number): number => Math.max(1, Math.ceil(bytes / size))

/** Write units of one item: the larger of before and after, in steps of 1 KB; double in a transaction. */
export const writeUnits = (itemBytes: number, { transactional = false } = {}): number =>
  chunks(itemBytes, KB) * (transactional ? 2 : 1)

const READ_FACTOR = { eventual: 0.5, consistent: 1, transactional: 2 }

/**
 * Read units of one item, or of all items that a query went through together, in steps of 4 KB.
 *
 * @param consistency - an eventually consistent read costs half, one in a transaction double
 */
export const readUnits = (bytes: number, consistency: keyof typeof READ_FACTOR): number =>
  chunks(bytes, 4 * KB) * READ_FACTOR[consistency]

export const sqsRequests = (payloadBytes: number): number => chunks(payloadBytes, 64 * KB)
export const busEvents = (entryBytes: number): number => chunks(entryBytes, 64 * KB)
export const httpRequests = (bodyBytes: number): number => chunks(bodyBytes, 512 * KB)
export const socketMessages = (frameBytes: number): number => chunks(frameBytes, 32 * KB)
/** Every minute that has begun. */
export const socketMinutes = (milliseconds: number): number => chunks(milliseconds, 60_000)
