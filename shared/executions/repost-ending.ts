import { executionRef } from '#shared/streams/channel-ref.ts'
import { type ChannelSenderDependencies, channelSender } from '#shared/streams/channel-sender.ts'
import { MAX_EVENTS_PER_ENTRY } from '#shared/streams/stream-log.ts'
import type { ExecutionRecord } from './execution-record.ts'

/**
 * Posts the end of a stream once more. A worker may have stopped between the transaction that ended the execution and the posts; the
 * message that comes again is the sign of it. Viewers drop what they have.
 */
export async function repostEnding(
  dependencies: ChannelSenderDependencies,
  record: ExecutionRecord,
  signal: AbortSignal,
): Promise<void> {
  const ref = executionRef(record)
  const end = await dependencies.log.lastSequence(ref)
  // The ending is one entry, the last of the log.
  const events = await dependencies.log.read(ref, end - MAX_EVENTS_PER_ENTRY)
  const sender = channelSender(dependencies, ref, record.postedThrough)
  await sender.appended(events)
  await sender.drain(record.output?.text ?? '', signal)
}
