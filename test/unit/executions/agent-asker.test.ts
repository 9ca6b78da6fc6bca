import { describe, expect, it } from 'vitest'
import { agentAsker } from '#shared/executions/agent-asker.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { RunStoppedError, type StopKind } from '#shared/executions/run-stopped-error.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import { MAX_DEPTH } from '#shared/protocol/limits.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import type { AgentQuestion } from '#shared/tools/ask-agent.ts'
import { aFunctionAgent, aLease, anAgent, anEnding, memoryWorld } from '../../helpers/executions.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const clock = { now: () => NOW }
const PARENT = '0195f3a0-0000-7000-8000-000000000001'

/** @param meanwhile - what happens to the child between two looks at it */
async function setUp({
  child = {},
  meanwhile,
}: {
  child?: Partial<LlmAgent>
  meanwhile?: (child: ExecutionRecord) => Promise<void>
} = {}) {
  const { agents, executions, admission, log } = memoryWorld(clock)
  await agents.create('acme', anAgent({ agentId: 'expert', ...child }))
  await agents.create('acme', aFunctionAgent({ agentId: 'code' }))
  const workQueue = memoryWorkQueue()
  const subscriptions = memorySubscriptionStore(log, clock)
  const children = async (): Promise<ExecutionRecord[]> => {
    const ids = new Set(workQueue.sent.map(({ executionId }) => executionId))
    const found = await Promise.all([...ids].map((executionId) => executions.get({ tenant: 'acme', executionId })))
    return found.filter((record) => record !== undefined)
  }
  const ask = agentAsker(
    { agents, executions, admission, streamLog: log, workQueue, subscriptions, clock },
    {
      async pause(_, signal) {
        signal?.throwIfAborted()
        for (const record of await children()) await meanwhile?.(record)
      },
    },
  )
  const end = async (record: ExecutionRecord, ending = anEnding()): Promise<void> => {
    const lease = aLease('worker', NOW)
    await executions.acquire(record, lease)
    const standing = await executions.get(record)
    if (standing) await executions.end(standing, standing.fence, ending)
  }
  const stop = (agentId: string) =>
    agents.changeStatus(
      { tenant: 'acme', agentId },
      { from: ['running'], to: 'stopped', at: new Date(NOW).toISOString(), open: false },
    )
  return { ask, end, stop, children, executions, sent: () => workQueue.sent.length }
}

const question = (overrides: Partial<AgentQuestion> = {}): AgentQuestion => ({
  caller: { tenant: 'acme', agentId: 'researcher', executionId: PARENT, source: 'ada' },
  agentId: 'expert',
  input: { content: 'What is a sluice?' },
  idempotencyKey: `${PARENT}:call_1`,
  ...overrides,
})

const never = new AbortController().signal

describe('agentAsker', () => {
  it('has the other agent answer, as a child of the execution that asks', async () => {
    const world = await setUp({ meanwhile: (record) => world.end(record) })

    const reply = await world.ask(question(), never)

    expect(reply).toEqual({ status: 'completed', text: 'A gate.' })
    expect(await world.children()).toMatchObject([
      { agentId: 'expert', parentId: PARENT, rootId: PARENT, depth: 1, source: '/agents/researcher', status: 'completed' },
    ])
  })

  it('goes on in the chain that it stands in', async () => {
    const world = await setUp({ meanwhile: (record) => world.end(record) })

    await world.ask(question({ caller: { ...question().caller, rootId: 'root-1', depth: 3 } }), never)

    expect(await world.children()).toMatchObject([{ rootId: 'root-1', parentId: PARENT, depth: 4 }])
  })

  it('keeps who asked first, however deep it stands', async () => {
    const world = await setUp({ meanwhile: (record) => world.end(record) })
    const caller = { ...question().caller, source: '/agents/desk', rootSource: 'ada' }

    await world.ask(question(), never)
    await world.ask(question({ caller, idempotencyKey: 'deeper' }), never)

    const asked = { source: '/agents/researcher', rootSource: 'ada' }
    expect(await world.children()).toMatchObject([asked, asked])
  })

  it('asks once under one key, and again under another one', async () => {
    const world = await setUp({ meanwhile: (record) => world.end(record) })

    await world.ask(question(), never)
    await world.ask(question(), never)
    await world.ask(question({ idempotencyKey: `${PARENT}:call_2` }), never)

    expect(await world.children()).toHaveLength(2)
  })

  it('goes on without an answer that takes longer than the caller has patience, and finds it later', async () => {
    const world = await setUp()

    expect(await world.ask(question(), never, { patienceMs: 0 })).toEqual({ status: 'pending' })
    expect(await world.ask(question(), never, { patienceMs: 0, again: true })).toEqual({ status: 'pending' })
    const [child] = await world.children()
    await world.end(child as ExecutionRecord)

    expect(await world.ask(question(), never, { patienceMs: 0, again: true })).toEqual({ status: 'completed', text: 'A gate.' })
    expect(await world.children()).toHaveLength(1)
  })

  it('looks at a known question alone, though nobody could ask it any more', async () => {
    const world = await setUp()
    await world.ask(question(), never, { patienceMs: 0 })
    const before = world.sent()
    await world.stop('expert')

    expect(await world.ask(question(), never, { patienceMs: 0, again: true })).toEqual({ status: 'pending' })
    expect(world.sent()).toBe(before)
  })

  it('asks anew for what was asked before and is gone', async () => {
    const world = await setUp()

    expect(await world.ask(question(), never, { patienceMs: 0, again: true })).toEqual({ status: 'pending' })

    expect(await world.children()).toMatchObject([{ status: 'queued' }])
  })

  it('takes no other question under a known key', async () => {
    const world = await setUp({ meanwhile: (record) => world.end(record) })
    await world.ask(question(), never)

    const another = world.ask(question({ input: { content: 'What is a lock?' } }), never)

    await expect(another).rejects.toMatchObject({ code: 'conflict' })
  })

  it('tells how a child ended that did not answer', async () => {
    const error = { code: 'provider_error', detail: 'the model is down' } as const
    const world = await setUp({
      meanwhile: (record) => world.end(record, anEnding({ status: 'failed', error, output: undefined })),
    })

    expect(await world.ask(question(), never)).toEqual({ status: 'failed', code: 'provider_error', detail: 'the model is down' })
  })

  it('ends an agent that asks itself by the depth of the chain', async () => {
    const world = await setUp()

    const deep = world.ask(question({ caller: { ...question().caller, depth: MAX_DEPTH } }), never)

    await expect(deep).rejects.toMatchObject({ code: 'depth_exceeded' })
    expect(await world.children()).toEqual([])
  })

  it.each([
    ['an unknown agent', question({ agentId: 'nobody' }), {}, 'not_found'],
    ["another tenant's agent", question({ caller: { ...question().caller, tenant: 'umbrella' } }), {}, 'not_found'],
    ['one whose policy names others', question(), { access: { agents: ['planner'] } }, 'forbidden'],
    ['one that agents may not ask', question(), { access: { triggers: ['request'] } }, 'forbidden'],
    ['one that is stopped', question(), { status: 'stopped' }, 'agent_not_running'],
    ['a model without a question', question({ input: { text: 'What?' } }), {}, 'validation_error'],
  ] as const)('does not ask %s', async (_, asked, child, code) => {
    const world = await setUp({ child: child as Partial<LlmAgent> })

    await expect(world.ask(asked, never)).rejects.toMatchObject({ code })
    expect(await world.children()).toEqual([])
  })

  it('asks an agent whose policy names the one that asks, though it names no principals', async () => {
    const child = { access: { agents: ['research*'], principals: [] } }
    const world = await setUp({ child, meanwhile: (record) => world.end(record) })

    expect(await world.ask(question(), never)).toMatchObject({ status: 'completed' })
  })

  it.each([
    ['was cancelled', new RunStoppedError('cancelled', 'cancelled on request'), 'cancelled'],
    ['took too long', new RunStoppedError('timed_out', 'too long'), 'cancelled'],
    ['waited as long as its tool may', new SluiceError('timeout', 'no answer within 30 s'), 'cancelled'],
    ['goes on in another invocation', new RunStoppedError('handed_over', 'goes on'), 'queued'],
    ['waits for a person', new RunStoppedError('suspended' satisfies StopKind, 'waits'), 'queued'],
    ['has lost its lease', new SluiceError('conflict', 'another worker'), 'queued'],
  ])('leaves a child whose parent %s as it has to be', async (_, reason, status) => {
    const controller = new AbortController()
    const world = await setUp({ meanwhile: async () => controller.abort(reason) })

    await expect(world.ask(question(), controller.signal)).rejects.toBe(reason)

    expect(await world.children()).toMatchObject([{ status }])
  })
})
