import { describe, expect, it } from 'vitest'
import type { Principal } from '#shared/access/principal.ts'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { retryExecution } from '#shared/executions/retry-execution.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { admissionWorld } from '../../helpers/admission.ts'
import { answer } from '../../helpers/execution-events.ts'
import { anAgent } from '../../helpers/executions.ts'

const ada: Principal = { subject: 'ada', tenant: 'acme', scopes: SCOPES }

async function setUp() {
  const world = admissionWorld()
  await world.register()
  const retry = (executionId: string, idempotencyKey?: string, principal: Partial<Principal> = {}) =>
    retryExecution(world.dependencies, { ...ada, ...principal }, executionId, { idempotencyKey })
  async function ended(status: 'completed' | 'failed' | 'timed_out', overrides: Partial<ExecutionRecord> = {}) {
    const record = await world.begin(await world.admitted(overrides))
    await world.executions.end(record, 1, { status, endedAt: '', events: answer(['x'], record.executionId) })
    return record
  }
  return { world, retry, ended }
}

describe('retryExecution', () => {
  it.each(['failed', 'timed_out'] as const)('does what %s again, as a new execution with the same request', async (status) => {
    const { world, retry, ended } = await setUp()
    const request = {
      ...{ input: { content: 'Why?' }, type: 'question', priority: 7, timeoutSeconds: 9, retry: { maxAttempts: 2 } },
      ...{
        callbackUrl: 'https://example.com/done',
        messageId: 'm1',
        topic: 'questions',
        replyTo: 'answers',
        correlationId: 'c1',
        conversationId: 'v1',
      },
      ...{ parentId: 'p1', rootId: 'r1', depth: 2, source: '/agents/desk', rootSource: '/principals/eve' },
    }
    const record = await ended(status, { ...request, expiresAtMs: 8e15 })

    const again = await retry(record.executionId)

    expect(again).toMatchObject({ ...request, status: 'queued', attempt: 0, retryOf: record.executionId })
    expect(again.executionId).not.toBe(record.executionId)
    expect(again.expiresAtMs).toBeUndefined()
    expect(world.sent().at(-1)).toBe(again.executionId)
    expect(await world.get(record)).toMatchObject({ status })
  })

  it('does what was cancelled again', async () => {
    const { world, retry } = await setUp()
    const record = await world.admitted()
    await cancelExecution(world.dependencies, record)

    expect(await retry(record.executionId)).toMatchObject({ retryOf: record.executionId, status: 'queued' })
  })

  it('takes the right to choose a model again, where the first request had it', async () => {
    const { world, retry, ended } = await setUp()
    const expensive = await ended('failed', { llm: { provider: 'openai', model: 'the-most-expensive' } })
    const cooler = await ended('failed', { llm: { temperature: 0 } })
    const mallory = { subject: 'mallory', scopes: ['executions:write', 'executions:read'] as const }
    const before = world.sent().length

    await expect(retry(expensive.executionId, undefined, mallory)).rejects.toMatchObject({ code: 'forbidden' })
    expect(world.sent()).toHaveLength(before)
    expect(await retry(cooler.executionId, undefined, mallory)).toMatchObject({ llm: { temperature: 0 } })
    expect(await retry(expensive.executionId)).toMatchObject({ llm: { model: 'the-most-expensive' } })
  })

  it('refers to an input that was too large to travel', async () => {
    const { retry, ended } = await setUp()
    const record = await ended('failed', { input: null, inputRef: 'T#acme/messages/m1' })

    expect(await retry(record.executionId)).toMatchObject({ input: null, inputRef: 'T#acme/messages/m1' })
  })

  it('gives one execution for one key, and another for every other call', async () => {
    const { retry, ended } = await setUp()
    const [one, two] = [await ended('failed'), await ended('failed')]

    const [first, again] = [await retry(one.executionId, 'k1'), await retry(one.executionId, 'k1')]
    const others = [
      await retry(one.executionId),
      await retry(one.executionId, 'k2'),
      await retry(two.executionId, 'k1'),
      await retry(one.executionId, 'k1', { subject: 'bob' }),
    ]

    expect(again.executionId).toBe(first.executionId)
    expect(new Set([first, ...others].map(({ executionId }) => executionId)).size).toBe(5)
  })

  it('refuses what is completed, or has not ended', async () => {
    const { world, retry, ended } = await setUp()
    const open = [await world.admitted(), await world.begin(await world.admitted()), await ended('completed')]

    for (const { executionId } of open) await expect(retry(executionId)).rejects.toMatchObject({ code: 'invalid_state' })
  })

  it('is refused like any other request when the agent does not take any', async () => {
    const { world, retry, ended } = await setUp()
    await world.agents.create('acme', anAgent({ agentId: 'small', maxConcurrency: 1, maxQueue: 0 }))
    const record = await ended('failed', { agentId: 'small' })
    await world.admitted({ agentId: 'small' })

    await expect(retry(record.executionId)).rejects.toMatchObject({ code: 'queue_full' })
  })

  it('does not know what another tenant has', async () => {
    const { retry, ended } = await setUp()
    const { executionId } = await ended('failed')

    await expect(retry(executionId, undefined, { tenant: 'globex' })).rejects.toMatchObject({ code: 'not_found' })
  })
})
