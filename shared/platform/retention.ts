import { DAY_MS, epochSeconds } from './clock.ts'

/** Attribute of an item that DynamoDB clears some time after it has passed: seconds since the epoch. */
export type Expiring = { expiresAt?: unknown }

/** What is written into an item that is kept for so many days from now. @param now - milliseconds since the epoch */
export const keptFor = (days: number, now: number): { expiresAt: number } => ({ expiresAt: epochSeconds(now + days * DAY_MS) })

/** Whether an item's time is over: it may stand there for two days yet, and is read as if it did not. */
export const isOver = ({ expiresAt }: Expiring, now: number): boolean =>
  typeof expiresAt === 'number' && expiresAt <= epochSeconds(now)
