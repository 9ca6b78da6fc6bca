import { GetCommand } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { memoryGates } from '#shared/agents/memory-gates.ts'
import { dynamoExecutionStore } from '#shared/executions/dynamo-execution-store.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { memoryExecutionStore } from '#shared/executions/memory-execution-store.ts'
import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { memoryStreamLog } from '#shared/streams/memory-stream-log.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'
import { anExecution } from '../../helpers/executions.ts'
import { loseAnswers } from '../../helpers/lost-answers.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')
const MOST = 5

type Open = (clock?: Clock) => ExecutionStore

const worlds: [string, Open][] = [
  [
    'memory',
    (clock = systemClock) => memoryExecutionStore({ log: memoryStreamLog(clock), gates: memoryGates() }, options(clock)),
  ],
  ...dynamoBackends().map(({ name, client, tables }): [string, Open] => [
    name,
    (clock = systemClock) => dynamoExecutionStore(client, tables, options(clock)),
  ]),
]

const options = (clock: Clock) => ({ retentionDays: 30, clock, maxDescendants: MOST })

const aChild = (rootId: string, overrides: Partial<ExecutionRecord> = {}): ExecutionRecord =>
  anExecution({ parentId: rootId, rootId, depth: 1, ...overrides })

const create = (executions: ExecutionStore, records: readonly ExecutionRecord[]) =>
  Promise.all(records.map(async (record) => (await executions.create(record, NOW)).result))

describe.each(worlds)('descendants of an execution on %s', (_name, open) => {
  it('are so many and no more, however many are made at once', async () => {
    const [executions, root] = [open(), newId()]
    const children = Array.from({ length: 20 }, () => aChild(root))

    const results = await create(executions, children)

    expect(results.filter((result) => result === 'created')).toHaveLength(MOST)
    expect(results.filter((result) => result === 'refused')).toHaveLength(20 - MOST)
    const standing = await Promise.all(children.map((child) => executions.get(child)))
    expect(standing.map((record) => record !== undefined)).toEqual(results.map((result) => result === 'created'))
  })

  it('count wherever in the chain they stand', async () => {
    const [executions, root] = [open(), newId()]
    const grandchildren = Array.from({ length: MOST }, (_, at) => aChild(root, { parentId: newId(), depth: 2 + at }))
    await create(executions, grandchildren)

    expect(await create(executions, [aChild(root), aChild(root, { parentId: newId(), depth: 9 })])).toEqual([
      'refused',
      'refused',
    ])
  })

  it('count once, however often they are made', async () => {
    const [executions, root] = [open(), newId()]
    const [first = aChild(root), ...others] = Array.from({ length: MOST }, () => aChild(root))

    expect(await create(executions, [first, first, first, first, first, first])).toContain('created')
    expect(await create(executions, others)).toEqual(others.map(() => 'created'))
    expect(await executions.create(first, NOW)).toEqual({ result: 'exists', record: first })
    expect((await executions.create(aChild(root), NOW)).result).toBe('refused')
    expect(await executions.create(first, NOW)).toEqual({ result: 'exists', record: first })
  })

  it('are those of one root of one tenant', async () => {
    const [executions, root] = [open(), newId()]
    await create(
      executions,
      Array.from({ length: MOST }, () => aChild(root)),
    )

    expect(await create(executions, [aChild(newId()), aChild(root, { tenant: 'other' }), aChild(root)])).toEqual([
      ...['created', 'created', 'refused'],
    ])
  })

  it('are known by the parent where a message names no root', async () => {
    const [executions, parentId] = [open(), newId()]
    const children = Array.from({ length: MOST + 1 }, () => anExecution({ parentId, depth: 1 }))

    expect((await create(executions, children)).filter((result) => result === 'refused')).toHaveLength(1)
  })

  it('are none of those that nobody asked for, a thousand or one', async () => {
    const executions = open()
    const rootId = newId()

    const results = await create(
      executions,
      Array.from({ length: 3 * MOST }, () => anExecution({ rootId })),
    )

    expect(new Set(results)).toEqual(new Set(['created']))
  })
})

describe.each(dynamoBackends())('descendants of an execution on $name', ({ client, tables, connect }) => {
  const setOf = (record: ExecutionRecord) =>
    client.send(
      new GetCommand({
        TableName: tables.executions,
        Key: { pk: `T#${record.tenant}#DESCENDANTS#${record.rootId ?? record.executionId}`, sk: 'SET' },
        ConsistentRead: true,
      }),
    )

  it('cost an execution without a parent nothing', async () => {
    const executions = dynamoExecutionStore(client, tables, options(systemClock))
    const root = anExecution()

    await executions.create(root, NOW)

    expect((await setOf(root)).Item).toBeUndefined()
  })

  it('are kept as long as executions are, from the last of them on', async () => {
    let now = Date.now()
    const executions = dynamoExecutionStore(client, tables, options({ now: () => now }))
    const root = newId()
    const [first, second] = [aChild(root), aChild(root)]
    await executions.create(first, NOW)
    now += 86_400_000

    await executions.create(second, NOW)

    expect((await setOf(second)).Item).toMatchObject({ expiresAt: Math.floor(now / 1_000) + 30 * 86_400 })
  })

  it.each(['repeat', 'break'] as const)('count once when answers to their writes are lost: %s', async (how) => {
    const losing = connect()
    const { lost } = loseAnswers(losing, how)
    const broken = dynamoExecutionStore(losing, tables, options(systemClock))
    const whole = dynamoExecutionStore(client, tables, options(systemClock))
    const root = newId()
    const children = Array.from({ length: MOST }, () => aChild(root))

    // Whoever hears nothing starts it again.
    for (const child of children) await broken.create(child, NOW).catch(() => whole.create(child, NOW))

    expect(lost()).toBeGreaterThan(0)
    expect(await Promise.all(children.map((child) => whole.get(child)))).toEqual(children)
    expect((await whole.create(aChild(root), NOW)).result).toBe('refused')
  })
})
