import { timestamp } from '#shared/platform/clock.ts'
import { derivedId } from '#shared/platform/ids.ts'
import { topicChannel } from '#shared/protocol/channel.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { channelPublisher } from './channel-publisher.ts'
import type { LogSenderDependencies } from './log-sender.ts'

/** Shows messages on their topics' channels. */
export type TopicPublisher = {
  /** Resolves when the message has its number and a sender looks after it. Repeatable: a message has one number. */
  publish(tenant: string, envelope: Envelope & { topic: string }): Promise<void>
}

/** A topic's events are its messages; a message is known by its source and its id, as CloudEvents says. One for each container. */
export function topicPublisher(dependencies: LogSenderDependencies): TopicPublisher {
  const channels = channelPublisher(dependencies)
  return {
    publish(tenant, envelope) {
      const time = timestamp(dependencies.clock)
      const event = {
        id: derivedId('topic-event', envelope.source, envelope.id),
        numbered: (sequence: number): StreamEvent => ({ type: 'message', sequence, time, data: envelope }),
      }
      return channels.publish({ tenant, channel: topicChannel(envelope.topic) }, [event])
    },
  }
}
