import { beforeEach, describe, expect, it } from 'vitest'
import type { BudgetStore, BudgetWindow } from '#shared/models/budget-store.ts'
import { dynamoBudgetStore } from '#shared/models/dynamo-budget-store.ts'
import { memoryBudgetStore } from '#shared/models/memory-budget-store.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const LATER = NOW + 60_000

const stores: [string, () => BudgetStore][] = [
  ['memory', memoryBudgetStore],
  ...dynamoBackends().map(({ name, client, tables }): [string, () => BudgetStore] => [
    name,
    () => dynamoBudgetStore(client, tables.streams),
  ]),
]

const hold = (amountMicroUsd: number, until = LATER) => ({ holdId: newId(), amountMicroUsd, until })

describe.each(stores)('BudgetStore on %s', (_name, open) => {
  let store: BudgetStore
  let window: BudgetWindow
  beforeEach(() => {
    store = open()
    window = { tenant: `tenant-${newId()}`, budgetId: 'monthly', period: '2026-11' }
  })

  it('sets aside what fits, to the last millionth, and nothing more', async () => {
    expect(await store.hold(window, hold(60), 100, NOW)).toMatchObject({ result: 'held', reservedMicroUsd: 60 })
    expect(await store.hold(window, hold(41), 100, NOW)).toMatchObject({
      result: 'refused',
      spentMicroUsd: 0,
      reservedMicroUsd: 60,
    })
    expect(await store.hold(window, hold(40), 100, NOW)).toMatchObject({ result: 'held', reservedMicroUsd: 100 })
    expect(await store.hold(window, hold(1), 100, NOW)).toMatchObject({ result: 'refused' })
  })

  it('refuses a call that is larger than the whole budget', async () => {
    expect(await store.hold(window, hold(101), 100, NOW)).toMatchObject({ result: 'refused', reservedMicroUsd: 0 })
  })

  it('never passes the limit, however many ask at once', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => store.hold(window, hold(30), 1_000, NOW)))

    expect(results.filter(({ result }) => result === 'held')).toHaveLength(33)
    expect(await store.read(window, NOW)).toMatchObject({ reservedMicroUsd: 990 })
  })

  it('replaces what was set aside by what was spent, once', async () => {
    const one = hold(60)
    await store.hold(window, one, 100, NOW)

    await Promise.all([store.settle(window, one, 25), store.settle(window, one, 25)])

    expect(await store.read(window, NOW)).toMatchObject({ spentMicroUsd: 25, reservedMicroUsd: 0 })
    expect(await store.hold(window, hold(75), 100, NOW)).toMatchObject({ result: 'held' })
  })

  it('counts what was spent beyond what was set aside', async () => {
    const one = hold(10)
    await store.hold(window, one, 100, NOW)

    await store.settle(window, one, 130)

    expect(await store.read(window, NOW)).toMatchObject({ spentMicroUsd: 130, reservedMicroUsd: 0 })
    expect(await store.hold(window, hold(1), 100, NOW)).toMatchObject({ result: 'refused', spentMicroUsd: 130 })
  })

  it('gives back what expired, when there is no room otherwise, also to many at once', async () => {
    for (let count = 0; count < 4; count++) await store.hold(window, hold(25, LATER), 100, NOW)
    expect(await store.hold(window, hold(1), 100, LATER - 1)).toMatchObject({ result: 'refused' })
    expect(await store.read(window, LATER)).toMatchObject({ reservedMicroUsd: 0 })

    const results = await Promise.all(Array.from({ length: 8 }, () => store.hold(window, hold(20, LATER * 2), 100, LATER)))

    expect(results.filter(({ result }) => result === 'held')).toHaveLength(5)
    expect(await store.read(window, LATER)).toMatchObject({ reservedMicroUsd: 100 })
  })

  it('holds without a limit where only a warning is wanted', async () => {
    expect(await store.hold(window, hold(10_000_000), undefined, NOW)).toMatchObject({
      result: 'held',
      reservedMicroUsd: 10_000_000,
    })
  })

  it('marks a period once, whoever is first', async () => {
    const firsts = await Promise.all(Array.from({ length: 10 }, () => store.mark(window, 'warned', NOW)))

    expect(firsts.filter(Boolean)).toHaveLength(1)
    expect(await store.mark(window, 'exceeded', NOW)).toBe(true)
    expect(await store.hold(window, hold(1), 100, NOW)).toMatchObject({ marks: ['warned', 'exceeded'] })
    expect(await store.mark({ ...window, period: '2026-12' }, 'warned', NOW)).toBe(true)
  })

  it('keeps tenants, budgets and periods apart', async () => {
    await store.hold(window, hold(100), 100, NOW)

    for (const other of [{ tenant: `${window.tenant}-x` }, { budgetId: 'daily' }, { period: '2026-11-21' }])
      expect(await store.read({ ...window, ...other }, NOW)).toEqual({ spentMicroUsd: 0, reservedMicroUsd: 0, marks: [] })
  })
})

describe.each(dynamoBackends())('dynamoBudgetStore on $name', ({ connect, tables }) => {
  it('sets aside once, though the answer to the write was lost', async () => {
    const client = connect()
    let writes = 0
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const output = await next(args)
        if (context.commandName === 'UpdateCommand' && writes++ === 0) await next(args)
        return output
      },
      { step: 'build' },
    )
    const window = { tenant: newId(), budgetId: 'monthly', period: '2026-11' }
    const store = dynamoBudgetStore(client, tables.streams)
    const one = hold(60)

    expect(await store.hold(window, one, 100, NOW).catch(() => store.hold(window, one, 100, NOW))).toMatchObject({
      result: 'held',
    })
    expect(await store.read(window, NOW)).toMatchObject({ reservedMicroUsd: 60 })
  })
})
