import { describe, expect, it } from 'vitest'
import { memoryLifecycleBus } from '#shared/events/memory-lifecycle-bus.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { lifecycleEventSchema } from '#shared/protocol/lifecycle-event.ts'
import { channelPublisher } from '#shared/streams/channel-publisher.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { tellDeadLetter } from '../../../../functions/dispatch/tell-dead-letter.ts'
import { memoryWorld } from '../../../helpers/executions.ts'
import { anEnvelope, senderTools } from '../../../helpers/streams.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }

function setup(refuses?: () => string) {
  const { log } = memoryWorld(clock)
  const bus = memoryLifecycleBus(refuses)
  const channels = channelPublisher({
    log,
    subscriptions: memorySubscriptionStore(log),
    poster: memoryConnectionPoster(),
    ...senderTools(),
    clock,
  })
  const tell = () =>
    tellDeadLetter(
      { bus, channels, queue: 'sluice-test-ingress-dlq', clock },
      { tenant: 'acme', envelope: anEnvelope({ id: 'm1', topic: undefined, to: 'nobody' }) },
      new NotFoundError('agent', 'nobody'),
    )
  return { tell, bus, log }
}

describe('tellDeadLetter', () => {
  it('tells on the bus and on the channels what was put aside, where, and why', async () => {
    const { tell, bus, log } = setup()

    await tell()

    const [fact] = bus.published
    expect(fact?.tenant).toBe('acme')
    expect(lifecycleEventSchema.parse(fact?.event)).toMatchObject({
      type: 'message.dead_lettered',
      data: { messageId: 'm1', agentId: 'nobody', queue: 'sluice-test-ingress-dlq', error: { code: 'not_found' } },
    })
    for (const channel of ['all', 'agent:nobody'])
      expect(await log.read({ tenant: 'acme', channel }, -1)).toMatchObject([{ type: 'lifecycle', data: fact?.event }])
  })

  it('tells a fact that is told twice as one', async () => {
    const { tell, bus, log } = setup()

    await tell()
    await tell()

    expect(new Set(bus.published.map(({ event }) => event.id)).size).toBe(1)
    expect(await log.read({ tenant: 'acme', channel: 'all' }, -1)).toHaveLength(1)
  })

  it('says when the bus did not accept it', async () => {
    await expect(setup(() => 'ThrottlingException').tell()).rejects.toMatchObject({ code: 'unavailable' })
  })
})
