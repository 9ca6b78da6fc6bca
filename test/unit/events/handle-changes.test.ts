import { describe, expect, it, vi } from 'vitest'
import type { AgentKey, Gate } from '#shared/agents/gate.ts'
import type { Change, ExecutionChange } from '#shared/events/change.ts'
import type { Fact } from '#shared/events/fact.ts'
import { type ChangesDependencies, handleChanges } from '#shared/events/handle-changes.ts'
import { memoryLifecycleBus } from '#shared/events/memory-lifecycle-bus.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { RealtimeEventFrame } from '#shared/protocol/socket-frame.ts'
import type { FactEvent } from '#shared/protocol/stream-event.ts'
import { channelPublisher } from '#shared/streams/channel-publisher.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { subscribe } from '#shared/streams/subscribe.ts'
import { anAgent, anExecution } from '../../helpers/executions.ts'
import { aSubscription, senderTools } from '../../helpers/streams.ts'

const at = '2026-11-21T09:30:07.000Z'
const endedAt = '2026-11-21T09:30:03.500Z'

function stage({ refuses, ...overrides }: Partial<ChangesDependencies> & { refuses?: (fact: Fact) => string | undefined } = {}) {
  const log = memoryStreamLog()
  const subscriptions = memorySubscriptionStore(log)
  const poster = memoryConnectionPoster(() => ({ status: 'sent' }))
  const streams = { log, subscriptions, poster, ...senderTools(), clock: systemClock }
  const bus = memoryLifecycleBus(refuses)
  const admitted: AgentKey[] = []
  const endings: string[] = []
  const dependencies: ChangesDependencies = {
    bus,
    channels: channelPublisher(streams),
    admitNext: async (agent) => void admitted.push(agent),
    onEnded: [async ({ executionId }) => void endings.push(executionId)],
    noteAgent: async () => undefined,
    onFact: [],
    sampling: { health: 0 },
    clock: systemClock,
    ...overrides,
  }
  const channel = async (name: string, tenant = 'acme') =>
    ((await log.read({ tenant, channel: name }, -1)) as FactEvent[]).map(({ sequence, data }) => [sequence, data.type])
  return { dependencies, bus, log, streams, poster, admitted, endings, channel }
}

const created = (fields: Partial<ExecutionRecord> = {}): ExecutionChange => ({
  kind: 'execution',
  at,
  after: anExecution(fields),
})
const ended = (fields: Partial<ExecutionRecord> = {}): ExecutionChange => {
  const before = anExecution({ status: 'running', attempt: 1, nextAttempt: 2, ...fields })
  return { kind: 'execution', at, before, after: { ...before, status: 'completed', endedAt } }
}
const gate = (fields: Partial<Gate> = {}, agentId = 'assistant'): Change => ({
  kind: 'gate',
  agent: { tenant: 'acme', agentId },
  gate: { open: true, limit: 2, queueLimit: 10, waiting: 1, active: ['e-1'], ...fields },
})

describe('handleChanges', () => {
  it('tells facts on the bus, on "all", and on the channel of their agent, in their order', async () => {
    const { dependencies, bus, channel } = stage()
    const paused: Change = {
      kind: 'agent',
      tenant: 'acme',
      at,
      before: anAgent({ agentId: 'other' }),
      after: anAgent({ agentId: 'other', status: 'paused' }),
    }

    const failed = await handleChanges(dependencies, [created({ executionId: 'e-1' }), undefined, paused, ended()])

    expect(failed).toEqual([])
    const types = ['execution.queued', 'agent.paused', 'agent.status_changed', 'execution.completed']
    expect(bus.published.map(({ tenant, event }) => [tenant, event.type])).toEqual(types.map((type) => ['acme', type]))
    expect(await channel('all')).toEqual(types.map((type, sequence) => [sequence, type]))
    expect(await channel('agent:other')).toEqual([
      [0, 'agent.paused'],
      [1, 'agent.status_changed'],
    ])
    expect(await channel('agent:assistant')).toEqual([
      [0, 'execution.queued'],
      [1, 'execution.completed'],
    ])
  })

  it('shows changes that come twice once', async () => {
    const { dependencies, bus, channel } = stage()
    const changes = [created({ executionId: 'e-1' }), ended({ executionId: 'e-1' })]

    await handleChanges(dependencies, changes)
    await handleChanges(dependencies, changes)

    expect(await channel('all')).toHaveLength(2)
    expect(new Set(bus.published.map(({ event }) => event.id)).size).toBe(2)
  })

  it('keeps tenants apart', async () => {
    const { dependencies, channel } = stage()

    await handleChanges(dependencies, [created({ tenant: 'acme' }), created({ tenant: 'globex' })])

    expect(await channel('all', 'acme')).toHaveLength(1)
    expect(await channel('all', 'globex')).toHaveLength(1)
    expect(await channel('agent:assistant', 'globex')).toHaveLength(1)
  })

  it('writes the facts of a channel together', async () => {
    const { dependencies, log } = stage()
    const append = vi.spyOn(log, 'appendNext')

    await handleChanges(
      dependencies,
      Array.from({ length: 20 }, () => created()),
    )

    // 16 and 4, on each of two channels.
    expect(append).toHaveBeenCalledTimes(4)
  })

  it('posts to those who follow a channel', async () => {
    const { dependencies, streams, poster } = stage()
    const ref = { tenant: 'acme', channel: 'agent:assistant' }
    const subscription = aSubscription({ connectionId: 'c-1', subscriptionId: 's-1' })
    await subscribe(streams, { ref, subscription, signal: new AbortController().signal })

    await handleChanges(dependencies, [created(), ended()])

    const frames = poster.framesOf('c-1').filter((frame): frame is RealtimeEventFrame => frame.message_type === 'realtime_event')
    expect(frames.flatMap(({ payload }) => payload.events)).toMatchObject([
      { type: 'lifecycle', sequence: 0, data: { type: 'execution.queued' } },
      { type: 'lifecycle', sequence: 1, data: { type: 'execution.completed' } },
    ])
  })

  it.each([
    ['admits when a gate has room and somebody waits', [gate()], ['assistant']],
    ['admits nobody when nobody waits', [gate({ waiting: 0 })], []],
    ['admits nobody through a closed gate', [gate({ open: false })], []],
    ['admits nobody through a full gate', [gate({ limit: 1 })], []],
    ['looks at a gate as it stood last', [gate(), gate({ waiting: 0 }), gate({}, 'other'), gate({}, 'other')], ['other']],
  ])('%s', async (_what, changes, expected) => {
    const { dependencies, admitted, bus } = stage()

    await handleChanges(dependencies, changes)

    expect(admitted.map(({ agentId }) => agentId)).toEqual(expected)
    expect(bus.published).toEqual([])
  })

  it('does what is owed when an execution has ended, and only then', async () => {
    const { dependencies, endings } = stage()
    const again = ended({ executionId: 'e-2' })

    await handleChanges(dependencies, [
      created({ executionId: 'e-1' }),
      ended({ executionId: 'e-1' }),
      { ...again, before: { ...again.after }, after: { ...again.after, postedThrough: 3 } },
    ])

    expect(endings).toEqual(['e-1'])
  })

  it('does for each fact what else follows from it', async () => {
    const seen: string[] = []
    const { dependencies } = stage({ onFact: [async ({ event }) => void seen.push(event.type)] })

    await handleChanges(dependencies, [created(), ended()])

    expect(seen).toEqual(['execution.queued', 'execution.completed'])
  })
})

describe('handleChanges reports', () => {
  const broken = () => Promise.reject(new SluiceError('unavailable', 'down'))

  it('the changes whose facts the bus refused, and no others', async () => {
    const { dependencies } = stage({
      refuses: ({ event }) => (event.data.executionId === 'e-2' ? 'ThrottlingException' : undefined),
    })

    const failed = await handleChanges(
      dependencies,
      ['e-1', 'e-2', 'e-3'].map((executionId) => created({ executionId })),
    )

    expect(failed).toMatchObject([{ index: 1, error: { code: 'unavailable', retryable: true } }])
  })

  it('the changes of a channel that cannot be written, in whose place nothing else is written', async () => {
    const { dependencies, log, channel } = stage()
    const { appendNext } = log
    let calls = 0
    log.appendNext = (ref, events) => (ref.channel === 'all' && ++calls === 2 ? broken() : appendNext(ref, events))
    const changes = Array.from({ length: 40 }, (_, index) => created({ executionId: `e-${index}`, agentId: `a-${index}` }))

    const failed = await handleChanges(dependencies, changes)
    const before = await channel('all')
    await handleChanges(dependencies, changes)

    expect(failed.map(({ index }) => index)).toEqual(changes.map((_, index) => index))
    expect(before).toHaveLength(16)
    const order = ((await log.read({ tenant: 'acme', channel: 'all' }, -1)) as FactEvent[]).map(
      ({ data }) => data.data.executionId,
    )
    expect(order).toEqual(changes.map(({ after }) => after.executionId))
  })

  it.each([
    ['nobody could be admitted', { admitNext: broken }, [created(), gate()], [1]],
    ['what is owed at the end was not done', { onEnded: [broken] }, [created(), ended()], [1]],
    ['what else follows from a fact was not done', { onFact: [broken] }, [gate(), ended()], [1]],
  ])('a change after which %s', async (_what, overrides, changes, expected) => {
    const { dependencies, bus } = stage(overrides)

    const failed = await handleChanges(dependencies, changes)

    expect(failed.map(({ index }) => index)).toEqual(expected)
    expect(bus.published.length).toBeGreaterThan(0)
  })
})
