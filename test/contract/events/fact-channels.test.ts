import { describe, expect, it } from 'vitest'
import { handleChanges } from '#shared/events/handle-changes.ts'
import { memoryLifecycleBus } from '#shared/events/memory-lifecycle-bus.ts'
import { readFacts } from '#shared/events/read-facts.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { channelPublisher } from '#shared/streams/channel-publisher.ts'
import { dynamoStreamLog } from '#shared/streams/dynamo-stream-log.ts'
import { dynamoSubscriptionStore } from '#shared/streams/dynamo-subscription-store.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { anExecution } from '../../helpers/executions.ts'
import { senderTools } from '../../helpers/streams.ts'

describe.each(dynamoBackends())('channels of facts on $name', ({ client, tables }) => {
  const log = dynamoStreamLog(client, tables.streams)
  const subscriptions = dynamoSubscriptionStore(client, tables.streams)

  /** The function `changes` of one container. */
  const handle = (tenant: string, executionIds: string[]) =>
    handleChanges(
      {
        bus: memoryLifecycleBus(),
        channels: channelPublisher({
          log,
          subscriptions,
          poster: memoryConnectionPoster(),
          ...senderTools(),
          clock: systemClock,
        }),
        admitNext: async () => 0,
        onEnded: [],
        noteAgent: async () => undefined,
        onFact: [],
        sampling: { health: 0 },
        clock: systemClock,
      },
      executionIds.map((executionId) => ({
        kind: 'execution',
        at: '2026-11-21T09:30:00.000Z',
        after: anExecution({ tenant, executionId }),
      })),
    )
  const idsOf = async (tenant: string, query = {}) => {
    const { events } = await readFacts(log, { tenant, after: -1, limit: 1_000, ...query })
    return events.map(({ data }) => data.data.executionId)
  }

  it('keep each fact once, in the order of the batch, though the batch comes twice', async () => {
    const tenant = newId()
    const ids = Array.from({ length: 40 }, (_, index) => `e-${index}`)

    expect(await handle(tenant, ids)).toEqual([])
    expect(await handle(tenant, ids)).toEqual([])

    expect(await idsOf(tenant)).toEqual(ids)
    expect(await idsOf(tenant, { agentId: 'assistant' })).toEqual(ids)
    expect(await idsOf(tenant, { since: Date.now() + 3_600_000 })).toEqual([])
  })

  it('number the facts of shards that come at once without a gap', async () => {
    const tenant = newId()
    const shards = ['a', 'b', 'c', 'd'].map((shard) => Array.from({ length: 20 }, (_, index) => `${shard}-${index}`))

    await Promise.all(shards.map((ids) => handle(tenant, ids)))

    const { events } = await readFacts(log, { tenant, after: -1, limit: 1_000 })
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 80 }, (_, index) => index))
    for (const ids of shards) {
      expect((await idsOf(tenant)).filter((id) => ids.includes(String(id)))).toEqual(ids)
    }
  })
})
