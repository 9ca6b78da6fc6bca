import { executionChannel } from '#shared/protocol/channel.ts'
import { type ChannelSenderDependencies, channelSender } from '#shared/streams/channel-sender.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Events that an ending writes at the most; the last ones of the log. */
const LAST_EVENTS = 16

/**
 * Posts the end of a stream once more. A worker may have stopped between the transaction that ended the execution and the posts; the
 * message that comes again is the sign of it. Viewers drop what they have.
 */
export async function repostEnding(
  dependencies: ChannelSenderDependencies,
  record: ExecutionRecord,
  signal: AbortSignal,
): Promise<void> {
  const ref = { tenant: record.tenant, channel: executionChannel(record.executionId) }
  const end = await dependencies.log.lastSequence(ref)
  const events = await dependencies.log.read(ref, end - LAST_EVENTS)
  const sender = channelSender(dependencies, ref, record.postedThrough)
  await sender.appended(events)
  await sender.drain(record.output?.text ?? '', signal)
}
