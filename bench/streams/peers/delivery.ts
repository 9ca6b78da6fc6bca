import { percentile, rounded } from '../../delays/statistics.ts'
import type { Emission } from './token-clock.ts'

/** Text was there for the reader: when, and how much of it. */
export type Arrival = { at: number; chars: number }

/** One reply as it left the model and as it came to its reader. */
export type Delivery = { emissions: readonly Emission[]; arrivals: readonly Arrival[] }

/** Milliseconds. */
export type DeliveryTimes = { firstTokenMs: number; tokenDelaysMs: number[]; longestStallMs: number }

/** How long each token took from the model to the reader, and how long the reader waited for more at the most. */
export function timesOf({ emissions, arrivals }: Delivery): DeliveryTimes {
  const tokenDelaysMs: number[] = []
  let next = 0
  for (const { at, chars } of emissions) {
    while (next < arrivals.length && (arrivals[next]?.chars ?? 0) < chars) next += 1
    const arrival = arrivals[next]
    if (arrival) tokenDelaysMs.push(arrival.at - at)
  }
  const [firstTokenMs] = tokenDelaysMs
  if (firstTokenMs === undefined) throw new Error('no token arrived')
  return { firstTokenMs, tokenDelaysMs, longestStallMs: longestStall(arrivals) }
}

function longestStall(arrivals: readonly Arrival[]): number {
  let longest = 0
  for (const [index, { at }] of arrivals.entries()) longest = Math.max(longest, at - (arrivals[index - 1]?.at ?? at))
  return longest
}

export type PeerTimes = { firstTokenMs: number; tokenDelayMs: { p50: number; p99: number }; longestStallMs: number }

/** Several replies as one: medians of what each has once, percentiles over all tokens. */
export function summariseTimes(times: readonly DeliveryTimes[]): PeerTimes {
  const median = (values: number[]): number => rounded(percentile(values, 50))
  const delays = times.flatMap(({ tokenDelaysMs }) => tokenDelaysMs)
  return {
    firstTokenMs: median(times.map(({ firstTokenMs }) => firstTokenMs)),
    tokenDelayMs: { p50: median(delays), p99: rounded(percentile(delays, 99)) },
    longestStallMs: median(times.map(({ longestStallMs }) => longestStallMs)),
  }
}
