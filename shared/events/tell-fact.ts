import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { ALL_CHANNEL, agentChannel } from '#shared/protocol/channel.ts'
import type { ChannelPublisher } from '#shared/streams/channel-publisher.ts'
import type { Fact } from './fact.ts'
import { onChannel } from './handle-changes.ts'
import type { LifecycleBus } from './lifecycle-bus.ts'

export type TellFactDependencies = { bus: LifecycleBus; channels: ChannelPublisher; clock: Clock }

/**
 * Tells one fact that follows from no write to a table, on the bus and on its channels. Repeatable: the fact keeps its id.
 *
 * @throws SluiceError `unavailable` when the bus did not accept it
 */
export async function tellFact({ bus, channels, clock }: TellFactDependencies, fact: Fact): Promise<void> {
  const { tenant, event } = fact
  const names = [ALL_CHANNEL, ...(event.data.agentId === undefined ? [] : [agentChannel(event.data.agentId)])]
  const shown = names.map((channel) => channels.publish({ tenant, channel }, [onChannel(fact, timestamp(clock))]))
  const [[refused]] = await Promise.all([bus.publish([fact]), ...shown])
  if (refused) throw new SluiceError('unavailable', `the bus did not accept ${event.type}: ${refused.reason}`)
}
