import { runDirectly, submitDirectly } from '#shared/executions/run-directly.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { runFeed } from '#shared/streams/run-feed.ts'
import type { BenchRoom } from './bench-room.ts'
import { CONTENT, counted, INVOCATION, prepare, type ReplyCount, requireWholeReply } from './counted.ts'

/**
 * Counts a direct reply from the request to the last event: one caller with a token asks the streaming function, which runs the execution and
 * answers with its events. A function URL has no price of its own.
 */
export async function countDirectReply(room: BenchRoom): Promise<ReplyCount> {
  const agentId = await prepare(room, [])
  return counted(room, async ({ meter, poster, dependencies }) => {
    const began = performance.now()
    const { record, work } = await submitDirectly(dependencies, room.principal, { agentId, input: { content: CONTENT } })
    if (!work) throw new Error('the agent has no free slot')
    const feed = runFeed(dependencies.log, executionRef(record))
    const running = runDirectly(dependencies, work, { ...INVOCATION, tap: feed.tap }).finally(() => feed.close())
    const events: StreamEvent[] = []
    for await (const batch of feed.batches(AbortSignal.timeout(60_000))) events.push(...batch.events)
    await running
    requireWholeReply(events)
    return { viewers: 0, posts: poster.posts(), calls: meter.calls(), runMs: performance.now() - began }
  })
}
