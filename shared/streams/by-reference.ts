import { parseChannel } from '#shared/protocol/channel.ts'
import type { TopicEvent } from '#shared/protocol/stream-event.ts'
import type { ChannelRef } from './channel-ref.ts'

/** A message that leaves its data where it can be read: too large for a frame, it says the path of one event of its topic. */
export const byReference = (event: TopicEvent, ref: ChannelRef): TopicEvent => ({
  ...event,
  data: { ...event.data, data: null, dataref: topicEventPath(parseChannel(ref.channel).id, event.sequence) },
})

/** Path under the front door where one event of a topic can be read, whatever its size. */
const topicEventPath = (topic: string, sequence: number): string =>
  `/v1/topics/${encodeURIComponent(topic)}/events?after=${sequence - 1}&limit=1`
