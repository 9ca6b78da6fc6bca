import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import type { ExecutionList, ExecutionListPage, ExecutionStore } from '#shared/executions/execution-store.ts'
import { listPlace } from '#shared/executions/list-keys.ts'
import { newId } from '#shared/platform/ids.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import { admissionWorlds } from '../../helpers/admission-worlds.ts'
import { aLease, anExecution } from '../../helpers/executions.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
/** Due in a far future: the other tests' look at what is due reads a megabyte at a time. */
const NEVER = NOW + 1e10
const RUNS = { memory: 300, database: 5 }

const at = (second: number): string => new Date(NOW + second * 1_000).toISOString()
const idsOf = (records: readonly ExecutionRecord[]): string[] => records.map(({ executionId }) => executionId)
const newestFirst = (records: readonly ExecutionRecord[]): ExecutionRecord[] =>
  records.toSorted((one, other) => (listPlace(one) < listPlace(other) ? 1 : -1))

async function stored(executions: ExecutionStore, each: readonly Partial<ExecutionRecord>[]): Promise<ExecutionRecord[]> {
  const records = each.map((overrides) => anExecution(overrides))
  await Promise.all(records.map((record) => executions.create(record, NEVER)))
  return records
}

/** Every page of a list, by its cursors. */
async function pagesOf(executions: ExecutionStore, list: ExecutionList, page: ExecutionListPage): Promise<string[][]> {
  const pages: string[][] = []
  for (let after = page.after; ; ) {
    const { executions: found, next } = await executions.list(list, { ...page, after })
    pages.push(idsOf(found))
    if (next === undefined) return pages
    after = next
  }
}

/** Few times and few words, so that most of the executions share theirs with others. */
const someExecution = fc.record({
  createdAt: fc.integer({ min: 0, max: 2 }).map(at),
  agentId: fc.constantFrom('one', 'other'),
  topic: fc.constantFrom(undefined, 'questions'),
  correlationId: fc.constantFrom(undefined, 'ticket-1', ''),
})
const scenario = fc.record({
  each: fc.array(someExecution, { maxLength: 25 }),
  limit: fc.integer({ min: 1, max: 7 }),
  of: fc.constantFrom<ExecutionList['of']>(
    undefined,
    { agentId: 'one' },
    { topic: 'questions' },
    { correlationId: 'ticket-1' },
    { correlationId: '' },
  ),
  from: fc.option(fc.integer({ min: -1, max: 3 }).map(at), { nil: undefined }),
  to: fc.option(fc.integer({ min: -1, max: 3 }).map(at), { nil: undefined }),
})

describe.each(admissionWorlds())('lists of executions on %s', (name, open) => {
  it('show each once and in order, page by page, whatever shares its time', async () => {
    const property = fc.asyncProperty(scenario, async ({ each, limit, of, from, to }) => {
      const { executions } = open()
      const tenant = newId()
      const records = await stored(
        executions,
        each.map((one) => ({ tenant, ...one })),
      )

      const pages = await pagesOf(executions, { tenant, of, from, to }, { limit })

      const wanted = records.filter(
        (record) =>
          Object.entries(of ?? {}).every(([field, value]) => record[field as 'agentId'] === value) &&
          (from === undefined || record.createdAt >= from) &&
          (to === undefined || record.createdAt < to),
      )
      expect(pages.flat()).toEqual(idsOf(newestFirst(wanted)))
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true)
    })

    await fc.assert(property, { numRuns: name === 'memory' ? RUNS.memory : RUNS.database })
  })

  it('show executions as they stand, and end with a page that is just full', async () => {
    const { executions } = open()
    const tenant = newId()
    const [record = anExecution()] = await stored(executions, [{ tenant }, { tenant }])
    await executions.acquire(record, aLease('a', NOW))

    const page = await executions.list({ tenant }, { limit: 2 })

    expect(page.executions.find(({ executionId }) => executionId === record.executionId)).toMatchObject({
      status: 'running',
      leaseOwner: 'a',
      input: record.input,
    })
    expect(page).not.toHaveProperty('next')
  })

  it('go on at the time of a cursor of another list, and show nothing of it', async () => {
    const { executions } = open()
    const [tenant, other] = [newId(), newId()]
    const [, second] = await stored(
      executions,
      [0, 1, 2].map((second) => ({ tenant, createdAt: at(second) })),
    )
    await stored(executions, [{ tenant, agentId: 'other', topic: 'questions', createdAt: at(1.5) }])
    const [foreign] = await stored(
      executions,
      [0.5, 3].map((second) => ({ tenant: other, createdAt: at(second) })),
    )
    const { next: after } = await executions.list({ tenant, of: { agentId: 'assistant' } }, { limit: 2 })

    expect(idsOf((await executions.list({ tenant }, { limit: 1, after })).executions)).toHaveLength(1)
    expect(await executions.list({ tenant, of: { topic: 'questions' } }, { limit: 9, after })).toEqual({ executions: [] })
    expect(await executions.list({ tenant, from: at(1) }, { limit: 9, after: after ?? '' })).toEqual({ executions: [] })
    const elsewhere = await executions.list({ tenant: other }, { limit: 9, after })
    expect(idsOf(elsewhere.executions)).toEqual(idsOf([foreign ?? anExecution()]))
    expect(second).toBeDefined()
  })

  it('leave out what is large where it is not wanted', async () => {
    const { executions } = open()
    const tenant = newId()
    const [record = anExecution()] = await stored(executions, [{ tenant, topic: 'questions', output: { text: 'A gate.' } }])

    const page = await executions.list({ tenant }, { limit: 1, without: ['input', 'output'] })
    const whole = await executions.list({ tenant }, { limit: 1, without: ['output'] })

    expect(page.executions[0]).toMatchObject({ executionId: record.executionId, topic: 'questions', input: null })
    expect(page.executions[0]?.output).toBeUndefined()
    expect(whole.executions[0]).toMatchObject({ input: record.input })
  })

  it('show large executions', async () => {
    const { executions } = open()
    const agent = { tenant: newId(), agentId: 'assistant' }
    const input = { content: 'i'.repeat(MAX_MESSAGE_BYTES - 1_000) }
    const records = await stored(
      executions,
      Array.from({ length: 100 }, () => ({ ...agent, input })),
    )

    const pages = await pagesOf(executions, { tenant: agent.tenant, of: agent }, { limit: 100 })

    expect(pages.flat().sort()).toEqual(idsOf(records).sort())
  })

  it.each([
    ['nonsense!'],
    [''],
    ['YWdlbnQjMQ'],
    ['MjAyNi0xMS0yMSNh'],
    ['MjAyNi0xMS0yMVQwOTozMDowMC4wMDBaI2EjYg'],
    [Buffer.from(`T#other#EXEC#${at(0)}#e1`).toString('base64url')],
  ])('refuse the cursor "%s"', async (after) => {
    const page = open().executions.list({ tenant: newId() }, { limit: 1, after })

    await expect(page).rejects.toMatchObject({ code: 'validation_error' })
  })
})
