import { ALL_CHANNEL, agentChannel } from '#shared/protocol/channel.ts'
import { matchesPattern } from '#shared/protocol/lifecycle-event.ts'
import type { FactEvent, StreamEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import type { StreamLog } from '#shared/streams/stream-log.ts'

export type FactQuery = {
  tenant: string
  /** Facts about this agent and its executions; all of the tenant when absent. */
  agentId?: string | undefined
  /** A type, or the beginning of types, which ends with a dot. */
  type?: string | undefined
  /** What happened at this time or later, in milliseconds since the epoch. */
  since?: number | undefined
  /** Cursor; -1 for the start. */
  after: number
  limit: number
}

/** Events that one call looks at; a filter that lets few pass is called again with the cursor. */
const MAX_LOOKED_AT = 5_000
const PAGE = 500
/** How far the clocks of those who write to a channel may be apart, in milliseconds. */
const CLOCK_SKEW_MS = 60_000

/**
 * A page of the facts that are kept, in the order in which they were told.
 *
 * @returns `next`: the cursor to go on from. It moves on though nothing may have matched; it stays when there was nothing more
 */
export async function readFacts(log: StreamLog, query: FactQuery): Promise<{ events: FactEvent[]; next: number }> {
  const { tenant, agentId, since, limit } = query
  const ref = { tenant, channel: agentId === undefined ? ALL_CHANNEL : agentChannel(agentId) }
  const events: FactEvent[] = []
  let next = since === undefined ? query.after : Math.max(query.after, await cursorBefore(log, ref, since - CLOCK_SKEW_MS))
  for (let lookedAt = 0; lookedAt < MAX_LOOKED_AT; lookedAt += PAGE) {
    const page = await log.read(ref, next, PAGE)
    for (const event of page) {
      next = event.sequence
      if (isFact(event) && matches(event, query)) events.push(event)
      if (events.length === limit) return { events, next }
    }
    if (page.length === 0) break
  }
  return { events, next }
}

/**
 * A cursor that nothing told at `time` or later stands before, found by halving: a fact is told after it happened, and numbers are given as time
 * goes by.
 */
async function cursorBefore(log: StreamLog, ref: ChannelRef, time: number): Promise<number> {
  let earlier = -1
  let later = await log.lastSequence(ref)
  while (earlier < later) {
    const middle = Math.floor((earlier + later) / 2)
    const [event] = await log.read(ref, middle, 1)
    if (event && Date.parse(event.time) < time) earlier = event.sequence
    else later = middle
  }
  return earlier
}

const isFact = (event: StreamEvent): event is FactEvent => event.type === 'lifecycle'

function matches({ data }: FactEvent, { type, since }: FactQuery): boolean {
  const isWanted = type === undefined || matchesPattern(data.type, type)
  return isWanted && (since === undefined || Date.parse(data.time) >= since)
}
