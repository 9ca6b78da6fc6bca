import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AgentChange, Change } from '#shared/events/change.ts'
import { lifecycleEventsOf } from '#shared/events/lifecycle-events-of.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { AGENT_HEALTH, AGENT_STATUSES, type Agent } from '#shared/protocol/agent.ts'
import { EXECUTION_STATUSES } from '#shared/protocol/execution.ts'
import type { LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import { lifecycleEventSchemaOf } from '#shared/protocol/lifecycle-event-data.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import { anAgent, anExecution } from '../../helpers/executions.ts'

const at = '2026-11-21T09:30:07.000Z'
const told = (change: Change, health = 0): LifecycleEvent[] => lifecycleEventsOf(change, { health }).map(({ event }) => event)
const types = (events: LifecycleEvent[]): string[] => events.map(({ type }) => type)

const ofExecution = (before: Partial<ExecutionRecord> | undefined, after: Partial<ExecutionRecord>): LifecycleEvent[] => {
  const record = anExecution({ executionId: 'e-1', ...after })
  return told({ kind: 'execution', at, before: before && { ...record, ...before }, after: record })
}
const ofAgent = (before: Partial<Agent> | undefined, after: Partial<Agent> | undefined, health = 0): LifecycleEvent[] => {
  const agent = (fields: Partial<Agent>) => ({ ...anAgent(), ...fields }) as Agent
  return told({ kind: 'agent', tenant: 'acme', at, before: before && agent(before), after: after && agent(after) }, health)
}

const queued: Partial<ExecutionRecord> = { status: 'queued', attempt: 0, nextAttempt: 1 }
const running: Partial<ExecutionRecord> = {
  status: 'running',
  attempt: 1,
  nextAttempt: 2,
  fence: 1,
  startedAt: '2026-11-21T09:30:01.000Z',
}
const TURN = { for: 'turn', since: 0, until: 1 } as const
const error = { code: 'provider_error', detail: 'the provider answered 500' } as const
const ended = (status: ExecutionRecord['status'], fields: Partial<ExecutionRecord> = {}): Partial<ExecutionRecord> => ({
  ...running,
  status,
  endedAt: '2026-11-21T09:30:03.500Z',
  ...fields,
})

describe('an execution', () => {
  it.each([
    ['is created', undefined, queued, ['execution.queued']],
    ['is put into the mailbox', queued, { ...queued, place: '05#x' }, []],
    ['is started', queued, running, ['execution.started']],
    ['renews its lease', running, { ...running, leaseExpiresAt: 1 }, []],
    ['is handed over', running, { ...running, status: 'queued', nextAttempt: 1 }, []],
    ['is taken over after a hand-over', { ...running, status: 'queued', nextAttempt: 1 }, { ...running, fence: 2 }, []],
    ['waits for a person', running, { ...running, status: 'waiting_input' }, ['execution.waiting_input']],
    [
      'goes on after that',
      { ...running, status: 'waiting_input' },
      { ...running, status: 'queued', nextAttempt: 1 },
      ['execution.resumed'],
    ],
    ['waits for its turn', running, { ...running, status: 'queued', nextAttempt: 1, suspended: TURN }, []],
    [
      'is cancelled while a person decides',
      { ...running, status: 'waiting_input' },
      ended('cancelled', { error }),
      ['execution.cancelled'],
    ],
    ['is retried later', running, { ...running, status: 'queued' }, ['execution.retrying']],
    ['is started again', { ...running, status: 'queued' }, { ...running, attempt: 2, nextAttempt: 3 }, ['execution.started']],
    ['is retried at once', running, { ...running, attempt: 2 }, ['execution.retrying', 'execution.started']],
    ['is completed', running, ended('completed'), ['execution.completed']],
    ['fails', running, ended('failed', { error }), ['execution.failed']],
    ['is timed out', running, ended('timed_out', { error }), ['execution.timed_out']],
    ['is cancelled while it runs', running, ended('cancelled', { error }), ['execution.cancelled']],
    ['is cancelled while it waits', queued, { ...queued, status: 'cancelled', endedAt: at }, ['execution.cancelled']],
    ['expires', queued, { ...queued, status: 'expired', endedAt: at }, ['execution.expired']],
    ['is written again after its end', ended('completed'), ended('completed', { postedThrough: 9 }), []],
  ] as const)('that %s', (_what, before, after, expected) => {
    expect(types(ofExecution(before, after))).toEqual(expected)
  })

  it.each([
    ['is created', undefined, queued, []],
    ['is started', queued, running, ['message.received']],
    ['is started again', { ...running, status: 'queued' }, { ...running, attempt: 2, nextAttempt: 3 }, []],
    ['is retried later', running, { ...running, status: 'queued' }, ['message.failed']],
    ['is completed', running, ended('completed'), ['message.processed']],
    ['fails', running, ended('failed', { error }), ['message.failed']],
    ['is cancelled', running, ended('cancelled', { error }), ['message.failed']],
    ['expires', queued, { ...queued, status: 'expired', endedAt: at }, ['message.expired']],
  ] as const)('of a message that %s', (_what, before, after, expected) => {
    const message = { messageId: 'm 1', topic: 'questions' }
    const events = ofExecution(before && { ...before, ...message }, { ...after, ...message })

    expect(types(events).filter((type) => type.startsWith('message.'))).toEqual(expected)
  })

  it('says how long it took and what it used', () => {
    const usage = { inputTokens: 20, outputTokens: 180 }

    const [event] = ofExecution(running, ended('completed', { usage, correlationId: 'c-1', output: { text: 'secret' } }))

    expect(event).toMatchObject({
      source: '/executions/e-1',
      time: '2026-11-21T09:30:03.500Z',
      data: { executionId: 'e-1', agentId: 'assistant', correlationId: 'c-1', attempt: 1, durationMs: 2_500, usage },
    })
  })

  it('says of a message whether anybody will try it again', () => {
    const message = { messageId: 'm 1' }

    const [, retrying] = ofExecution({ ...running, ...message }, { ...running, status: 'queued', ...message })
    const [, failed] = ofExecution({ ...running, ...message }, ended('failed', { error, ...message }))

    expect(retrying).toMatchObject({ source: '/messages/m%201', data: { attempt: 1, final: false } })
    expect(failed).toMatchObject({ data: { attempt: 1, final: true, error } })
  })

  it('says when the next attempt may begin', () => {
    const retryAt = Date.parse('2026-11-21T09:31:00Z')

    const [event] = ofExecution(running, { ...running, status: 'queued', retryAt })

    expect(event?.data).toMatchObject({ attempt: 1, nextAttempt: 2, retryAt: '2026-11-21T09:31:00.000Z' })
  })

  it('of one tenant never has the ids of another', () => {
    const idsOf = (tenant: string) => ofExecution(undefined, { ...queued, tenant }).map(({ id }) => id)

    expect(idsOf('acme')).not.toEqual(idsOf('globex'))
  })
})

describe('an agent', () => {
  const change = 'agent.status_changed'
  it.each([
    ['is created', undefined, { status: 'created' }, ['agent.created']],
    ['is created running', undefined, { status: 'running' }, ['agent.created', 'agent.started']],
    ['is starting', { status: 'created' }, { status: 'starting', desiredStatus: 'running' }, [change]],
    ['has started', { status: 'starting' }, { status: 'running' }, ['agent.started', change]],
    ['is paused', { status: 'running' }, { status: 'paused' }, ['agent.paused', change]],
    ['is resumed', { status: 'paused' }, { status: 'running' }, ['agent.resumed', change]],
    ['is stopping', { status: 'running' }, { status: 'stopping', desiredStatus: 'stopped' }, [change]],
    ['has stopped', { status: 'stopping' }, { status: 'stopped' }, ['agent.stopped', change]],
    ['fails', { status: 'starting' }, { status: 'failed', statusReason: error }, ['agent.failed', change]],
    ['gets another definition', { version: 1 }, { version: 2, revision: 2 }, ['agent.updated']],
    ['is written without a change', {}, { revision: 2 }, []],
    ['is removed', { status: 'stopping' }, undefined, [change, 'agent.deleted']],
  ] as const)('that %s', (_what, before, after, expected) => {
    expect(types(ofAgent(before, after))).toEqual(expected)
  })

  it('says from where to where, and where that leads', () => {
    const [event] = ofAgent({ status: 'running' }, { status: 'stopping', desiredStatus: 'deleted' })
    const [gone] = ofAgent({ status: 'stopping' }, undefined)

    expect(event?.data).toEqual({ agentId: 'assistant', from: 'running', to: 'stopping', desired: 'deleted' })
    expect(gone).toMatchObject({ time: at, data: { from: 'stopping', to: 'deleted' } })
  })

  it('that is made anew under a used id has facts of its own', () => {
    const idOf = (createdAt: string) => ofAgent(undefined, { status: 'created', createdAt })[0]?.id

    expect(idOf('2026-11-21T09:30:00.000Z')).not.toBe(idOf('2026-11-22T09:30:00.000Z'))
  })

  it('that was checked is told by its share, the same every time', () => {
    const checkedAt = (second: number) => new Date(1_795_253_400_000 + second * 1_000).toISOString()
    const checks = (share: number) =>
      Array.from({ length: 400 }, (_, second) =>
        ofAgent({}, { health: 'healthy', healthCheckedAt: checkedAt(second) }, share),
      ).flat()

    expect(checks(0)).toEqual([])
    expect(checks(1)).toHaveLength(400)
    expect(checks(0.25).length).toBeGreaterThan(60)
    expect(checks(0.25).length).toBeLessThan(140)
    expect(checks(0.25)).toEqual(checks(0.25))
  })

  it('that becomes unhealthy is always told, once', () => {
    const [first, second] = ['2026-11-21T09:30:00.000Z', '2026-11-21T09:31:00.000Z']
    const bad: Partial<Agent> = { health: 'unhealthy', healthDetail: 'no answer', healthCheckedAt: first }

    expect(ofAgent({ health: 'healthy' }, bad)).toMatchObject([
      { type: 'agent.health_check_failed', time: first, data: { previousHealth: 'healthy', detail: 'no answer' } },
    ])
    expect(ofAgent(bad, { ...bad, healthCheckedAt: second })).toEqual([])
  })
})

describe('a gate', () => {
  it('has no facts', () => {
    const gate = { open: true, limit: 1, queueLimit: 10, waiting: 1, active: [] }

    expect(told({ kind: 'gate', agent: { tenant: 'acme', agentId: 'assistant' }, gate })).toEqual([])
  })
})

describe('whatever was written', () => {
  const text = fc.string({ unit: 'binary', maxLength: 3_000 })
  const failure = fc.record({ code: fc.constant('internal' as const), detail: text })
  const record = fc
    .record({
      status: fc.constantFrom(...EXECUTION_STATUSES),
      attempt: fc.nat(20),
      nextAttempt: fc.nat(21),
      messageId: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 256 }), { nil: undefined }),
      correlationId: fc.option(fc.string({ maxLength: 256 }), { nil: undefined }),
      error: fc.option(failure, { nil: undefined }),
      output: fc.option(fc.record({ text }), { nil: undefined }),
      retryAt: fc.option(fc.nat(2_000_000_000_000), { nil: undefined }),
      startedAt: fc.option(fc.constant('2026-11-21T09:30:01.000Z'), { nil: undefined }),
      endedAt: fc.constant('2026-11-21T09:30:00.500Z'),
    })
    .map((fields) => anExecution({ executionId: 'e-1', ...fields }))
  const agent = fc
    .record({
      status: fc.constantFrom(...AGENT_STATUSES),
      health: fc.constantFrom(...AGENT_HEALTH),
      healthDetail: fc.option(text, { nil: undefined }),
      healthCheckedAt: fc.option(fc.constantFrom('2026-11-21T09:30:00.000Z', '2026-11-21T09:31:00.000Z'), { nil: undefined }),
      statusReason: fc.option(failure, { nil: undefined }),
      version: fc.integer({ min: 1, max: 3 }),
      revision: fc.integer({ min: 1, max: 3 }),
    })
    .map((fields) => ({ ...anAgent(), ...fields }) as Agent)
  const change: fc.Arbitrary<Change> = fc.oneof(
    fc
      .tuple(fc.option(record, { nil: undefined }), record)
      .map(([before, after]): Change => ({ kind: 'execution', at, before, after })),
    fc
      .tuple(fc.option(agent, { nil: undefined }), fc.option(agent, { nil: undefined }))
      .map(([before, after]): AgentChange => ({ kind: 'agent', tenant: 'acme', at, before, after })),
  )

  it('gives facts of the catalogue, each with an id of its own, the same every time, that fit a frame', () => {
    fc.assert(
      fc.property(change, (change) => {
        const events = told(change, 1)
        for (const event of events) {
          lifecycleEventSchemaOf(event.type).parse(event)
          expect(JSON.stringify(event).length).toBeLessThan(MAX_FRAME_BYTES / 2)
        }
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
        expect(told(change, 1)).toEqual(events)
      }),
    )
  })
})
