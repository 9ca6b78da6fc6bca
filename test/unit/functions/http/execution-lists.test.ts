import { describe, expect, it } from 'vitest'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { anExecution } from '../../../helpers/executions.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

const at = (minute: number): string => `2026-11-21T09:${String(minute).padStart(2, '0')}:00.000Z`

async function withExecutions(each: readonly Partial<ExecutionRecord>[]) {
  const caller = httpCaller()
  const records = each.map((overrides, minute) => anExecution({ createdAt: at(minute), ...overrides }))
  for (const record of records) await caller.dependencies.executions.create(record, 0)
  const list = async (query: Record<string, string> = {}, token?: string) => {
    const { status, body } = await caller.call('GET', '/v1/executions', { query, ...(token && { token }) })
    return { status, body, found: (body.executions ?? []) as Record<string, unknown>[], next: String(body.next) }
  }
  /** Places of what was found among the records. */
  const places = async (query: Record<string, string>) =>
    (await list(query)).found.map(({ executionId }) => records.findIndex((record) => record.executionId === executionId))
  return { ...caller, list, places }
}

const FILTERED: readonly Partial<ExecutionRecord>[] = [
  { topic: 'questions' },
  { agentId: 'other', topic: 'questions', correlationId: 'ticket-1' },
  { correlationId: 'ticket-1', status: 'failed' },
  { tenant: 'globex', topic: 'questions', correlationId: 'ticket-1' },
  {},
]

describe('GET /v1/executions', () => {
  it.each([
    [{}, [4, 2, 1, 0]],
    [{ agentId: 'other' }, [1]],
    [{ topic: 'questions' }, [1, 0]],
    [{ correlationId: 'ticket-1' }, [2, 1]],
    [{ status: 'failed' }, [2]],
    [{ topic: 'questions', agentId: 'assistant' }, [0]],
    [{ topic: 'questions', correlationId: 'ticket-1', status: 'failed' }, []],
    [{ from: at(1), to: at(4) }, [2, 1]],
    [{ from: '2026-11-21T10:01:00+01:00', to: '2026-11-21T10:02:00+01:00' }, [1]],
    [{ from: at(4), to: at(1) }, []],
    [{ limit: '2' }, [4, 2]],
  ])('finds by %j the executions %j, the newest first', async (query: Record<string, string>, expected) => {
    const { places } = await withExecutions(FILTERED)

    expect(await places(query)).toEqual(expected)
  })

  it('goes on behind its cursor, also with other filters, and never elsewhere', async () => {
    const { list, places, tokenOf } = await withExecutions(FILTERED)
    const { next: after } = await list({ limit: '2' })

    expect(await places({ after })).toEqual([1, 0])
    expect(await places({ after, topic: 'questions' })).toEqual([1, 0])
    expect(await places({ after, from: at(3) })).toEqual([])
    expect((await list({ after }, await tokenOf('umbrella'))).found).toEqual([])
  })

  it('gives the fields that are wanted, and reads no more', async () => {
    const { list, dependencies } = await withExecutions([{ output: { text: 'A gate.' } }])
    const asked: unknown[] = []
    const { list: read } = dependencies.executions
    dependencies.executions.list = (of, page) => {
      asked.push(page.without)
      return read(of, page)
    }

    const sparse = await list({ fields: 'executionId,status,createdAt' })
    const outputs = await list({ fields: 'output' })

    expect(sparse.found).toEqual([{ executionId: expect.any(String), status: 'queued', createdAt: at(0) }])
    expect(outputs.found).toEqual([{ output: expect.objectContaining({ text: 'A gate.' }) }])
    expect(asked).toEqual([['input', 'output'], ['input']])
  })

  it.each([
    [{ fields: 'executionId,tenant' }],
    [{ fields: 'leaseOwner' }],
    [{ fields: '' }],
    [{ fields: '__proto__' }],
    [{ from: 'yesterday' }],
    [{ to: '2026-11-21' }],
    [{ topic: 'a b' }],
    [{ correlationId: 'x'.repeat(257) }],
    [{ limit: '101' }],
    [{ after: 'x' }],
    [{ tenant: 'globex' }],
  ])('refuses %j', async (query: Record<string, string>) => {
    const { list } = await withExecutions([])

    expect((await list(query)).status).toBe(422)
  })
})

describe('GET /v1/agents/{agentId}/executions', () => {
  it('is the same list', async () => {
    const { call } = await withExecutions(FILTERED)

    const { body } = await call('GET', '/v1/agents/other/executions', { query: { fields: 'agentId', topic: 'questions' } })

    expect(body).toEqual({ executions: [{ agentId: 'other' }] })
    expect(await call('GET', '/v1/agents/other/executions', { query: { agentId: 'assistant' } })).toMatchObject({ status: 422 })
  })
})
