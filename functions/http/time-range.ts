import { type Step, startOf, type TimeRange } from '#shared/metrics/counter-store.ts'
import { type Clock, DAY_MS } from '#shared/platform/clock.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import { timestampSchema } from '#shared/protocol/identifiers.ts'

/** A moment in a query string, in milliseconds since the epoch. */
const momentQuery = timestampSchema.transform((text) => Date.parse(text))

/** Parameters of a route that shows figures of a time. */
export const timeRangeQuery = { from: momentQuery.optional(), to: momentQuery.optional() }

type AskedRange = { from?: number | undefined; to?: number | undefined }

/**
 * The range that is meant: up to now and `byDefaultDays` long where nothing else is said. Its beginning is that of its hour or day, so that what
 * was asked for is all in it.
 *
 * @throws ValidationError when it ends before it begins, or is longer than `maxDays`
 */
export function timeRangeOf(
  { to, from }: AskedRange,
  { step, byDefaultDays, maxDays }: { step: Step; byDefaultDays: number; maxDays: number },
  clock: Clock,
): TimeRange {
  const end = to ?? clock.now()
  const begin = startOf(step, from ?? end - byDefaultDays * DAY_MS)
  if (begin >= end) throw refuse('to', 'the range ends before it begins')
  // Its beginning was moved back by less than a step.
  if (end - (from ?? begin) > maxDays * DAY_MS) throw refuse('from', `by ${step} a range is ${maxDays} days long at the most`)
  return { from: begin, to: end }
}

const refuse = (path: 'from' | 'to', message: string) => new ValidationError(message, [{ path, message }])
