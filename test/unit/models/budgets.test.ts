import { describe, expect, it } from 'vitest'
import { budgetState } from '#shared/models/budget-state.ts'
import type { BudgetStore } from '#shared/models/budget-store.ts'
import { budgets, HOLD_MS } from '#shared/models/budgets.ts'
import { cachedTenantList } from '#shared/models/cached-tenant-list.ts'
import { memoryBudgetStore } from '#shared/models/memory-budget-store.ts'
import { memoryTenantList } from '#shared/models/memory-tenant-list.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { type Budget, putBudgetSchema } from '#shared/protocol/budget.ts'

const CALLER = { tenant: 'acme', agentId: 'assistant', executionId: 'e1', source: '/principals/ada' }
const USD = 1_000_000

const aTenantWith = (...definitions: Definition[]) => aTenant(definitions)

type Definition = Partial<Budget> & { budgetId: string }

/** @param faults - what of the store breaks */
async function aTenant(definitions: Definition[], faults: (store: BudgetStore) => Partial<BudgetStore> = () => ({})) {
  const time = { now: Date.parse('2026-11-21T23:59:00Z') }
  const clock = { now: () => time.now }
  const list = memoryTenantList<Budget>()
  const all = definitions.map(
    (one): Budget => ({ scope: {}, period: 'day', warnAtPercent: 80, action: 'stop', limitMicroUsd: USD, ...one }),
  )
  for (const budget of all) await list.put('acme', budget.budgetId, budget)
  const logger = memoryLog()
  const store = memoryBudgetStore()
  const calls: string[] = []
  const watched: BudgetStore = {
    ...store,
    hold: (...args) => {
      calls.push(`hold ${args[0].budgetId}`)
      return store.hold(...args)
    },
    ...faults(store),
  }
  const { admit, settle } = budgets({ definitions: list, store: watched, clock, logger })
  const left = async () =>
    Object.fromEntries(
      await Promise.all(
        all.map(async (budget) => [
          budget.budgetId,
          (await budgetState({ budgetStore: store, clock }, 'acme', budget)).leftMicroUsd,
        ]),
      ),
    )
  return { admit, settle, left, time, logger, calls, list }
}

describe('budgets', () => {
  it('cost nothing where there are none', async () => {
    const { admit, calls } = await aTenantWith()

    expect(await admit(CALLER, 5)).toEqual({ reservation: [], warnings: [] })
    expect(calls).toEqual([])
  })

  it('set aside what a call may cost, and count what it did', async () => {
    const { admit, settle, left } = await aTenantWith({ budgetId: 'daily' })

    const { reservation } = await admit(CALLER, 300_000)
    expect(await left()).toEqual({ daily: 700_000 })
    await settle(CALLER, reservation, 100_000)
    await settle(CALLER, reservation, 100_000)

    expect(await left()).toEqual({ daily: 900_000 })
  })

  it('say what is left and when it is whole again, and are not retried', async () => {
    const { admit, logger } = await aTenantWith({ budgetId: 'daily' })
    await admit(CALLER, 750_000)

    for (let count = 0; count < 2; count++)
      await expect(admit(CALLER, 250_001)).rejects.toMatchObject({
        code: 'budget_exceeded',
        status: 402,
        retryable: false,
        message:
          'the budget "daily" allows $1.00 a day: $0.25 is left, and the call may cost $0.250001; it is whole again at 2026-11-22T00:00:00.000Z',
      })

    expect(logger.lines.map(({ code }) => code)).toEqual(['budget_exceeded'])
  })

  it('begin anew with the day, and what was set aside before is counted where it was', async () => {
    const { admit, settle, left, time } = await aTenantWith({ budgetId: 'daily' })
    const { reservation } = await admit(CALLER, USD)

    time.now += 60_000

    expect(await left()).toEqual({ daily: USD })
    await settle(CALLER, reservation, USD)
    expect(await left()).toEqual({ daily: USD })
    await expect(admit(CALLER, USD)).resolves.toBeDefined()
  })

  it('count by agent, by caller, or for all', async () => {
    const { admit, left } = await aTenantWith(
      { budgetId: 'all' },
      { budgetId: 'assistant', scope: { agentId: 'assistant' } },
      { budgetId: 'eve', scope: { source: '/principals/eve' } },
    )

    await admit(CALLER, 1)
    await admit({ tenant: 'acme', agentId: 'other', source: '/principals/eve' }, 10)
    await admit({ ...CALLER, tenant: 'globex' }, 100)

    expect(await left()).toEqual({ all: USD - 11, assistant: USD - 1, eve: USD - 10 })
  })

  it('count what agents ask of each other for the caller who asked first, and for the agent that asks', async () => {
    const { admit, left } = await aTenantWith(
      { budgetId: 'ada', scope: { source: '/principals/ada' }, limitMicroUsd: 10 },
      { budgetId: 'desk', scope: { source: '/agents/desk' } },
      { budgetId: 'eve', scope: { source: '/principals/eve' } },
    )
    const child = { ...CALLER, source: '/agents/desk', rootSource: '/principals/ada' }

    await admit(child, 4)
    await admit({ ...child, source: '/agents/expert' }, 5)

    expect(await left()).toEqual({ ada: 1, desk: USD - 4, eve: USD })
    await expect(admit({ ...child, source: '/agents/expert' }, 2)).rejects.toMatchObject({ code: 'budget_exceeded' })
    await expect(admit(CALLER, 2)).rejects.toMatchObject({ code: 'budget_exceeded' })
  })

  it('give back what was set aside when nobody heard of it', async () => {
    const { admit, left } = await aTenant([{ budgetId: 'a' }], (store) => ({
      async hold(...given) {
        await store.hold(...given)
        throw new SluiceError('unavailable', 'the answer was lost')
      },
    }))

    await expect(admit(CALLER, 11)).rejects.toMatchObject({ code: 'unavailable' })

    expect(await left()).toEqual({ a: USD })
  })

  it('lose no answer for a price that cannot be noted: it counts as set aside until it expires', async () => {
    const { admit, settle, left, time, logger } = await aTenant([{ budgetId: 'a', period: 'month' }], () => ({
      settle: async () => {
        throw new SluiceError('unavailable', 'the table is out of reach')
      },
    }))
    const { reservation } = await admit(CALLER, 11)

    await settle(CALLER, reservation, 5)

    expect(await left()).toEqual({ a: USD - 11 })
    expect(logger.lines).toMatchObject([{ level: 'warn', code: 'model_state_lost', fields: { what: 'budgets', budgetId: 'a' } }])
    time.now += HOLD_MS
    expect(await left()).toEqual({ a: USD })
  })

  it('give back what others set aside when one refuses', async () => {
    const { admit, left } = await aTenantWith({ budgetId: 'a' }, { budgetId: 'b', limitMicroUsd: 10 })

    await expect(admit(CALLER, 11)).rejects.toMatchObject({ code: 'budget_exceeded' })

    expect(await left()).toEqual({ a: USD, b: 10 })
  })

  it('warn once in a period, from the share on that was said', async () => {
    const { admit, logger, time } = await aTenantWith({ budgetId: 'daily', warnAtPercent: 50 })

    expect((await admit(CALLER, 499_999)).warnings).toEqual([])
    expect((await admit(CALLER, 1)).warnings).toEqual([expect.stringMatching(/^50 % of the budget "daily" of \$1\.00/)])
    expect((await admit(CALLER, 1)).warnings).toEqual([])
    time.now += 60_000
    expect((await admit(CALLER, 900_000)).warnings).toHaveLength(1)

    expect(logger.lines).toMatchObject([
      { code: 'budget_warned', fields: { tenant: 'acme', budgetId: 'daily', action: 'stop' } },
      { code: 'budget_warned' },
    ])
  })

  it('let every call pass that only warn', async () => {
    const { admit, left } = await aTenantWith({ budgetId: 'daily', action: 'warn' })

    expect((await admit(CALLER, 5 * USD)).warnings).toEqual(['the budget "daily" of $1.00 is spent'])
    expect((await admit(CALLER, 5 * USD)).warnings).toEqual([])
    expect(await left()).toEqual({ daily: 0 })
  })

  it('say what they cannot count', async () => {
    const { admit, calls } = await aTenantWith({ budgetId: 'a' }, { budgetId: 'b' })

    const { reservation, warnings } = await admit(CALLER, undefined)

    expect([reservation, calls]).toEqual([[], []])
    expect(warnings).toEqual([expect.stringMatching(/price.*not known.*cannot be counted.*"a", "b"/)])
  })

  it('take a call that never told its price for over after a while', async () => {
    const { admit, time } = await aTenantWith({ budgetId: 'monthly', period: 'month' })
    await admit(CALLER, USD)

    time.now += HOLD_MS - 1
    await expect(admit(CALLER, 1)).rejects.toMatchObject({ code: 'budget_exceeded' })
    time.now += 1

    await expect(admit(CALLER, 1)).resolves.toBeDefined()
  })

  it('are never passed by fifty calls at once', async () => {
    const { admit, left } = await aTenantWith({ budgetId: 'daily' }, { budgetId: 'monthly', period: 'month' })

    const results = await Promise.allSettled(Array.from({ length: 50 }, () => admit(CALLER, 30_000)))

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(33)
    expect(await left()).toEqual({ daily: 10_000, monthly: 10_000 })
  })
})

describe('a budget', () => {
  it('may be said in dollars', () => {
    expect(putBudgetSchema.parse({ period: 'month', limitUsd: 12.345678 })).toEqual({
      scope: {},
      period: 'month',
      warnAtPercent: 80,
      action: 'stop',
      limitMicroUsd: 12_345_678,
    })
  })

  it.each([
    ['nothing', { limitUsd: 0 }],
    ['less than nothing', { limitMicroUsd: -1 }],
    ['more than there is', { limitUsd: 1e18 }],
    ['no number', { limitUsd: 'all' }],
    ['parts of a millionth', { limitMicroUsd: 0.5 }],
    ['two limits', { limitUsd: 1, limitMicroUsd: 1 }],
    ['no limit', {}],
    ['a year', { limitUsd: 1, period: 'year' }],
    ['an agent and a caller', { limitUsd: 1, scope: { agentId: 'a', source: 'b' } }],
    ['a warning beyond the end', { limitUsd: 1, warnAtPercent: 101 }],
    ['another tenant', { limitUsd: 1, tenant: 'globex' }],
    ['what was spent', { limitUsd: 1, spentMicroUsd: 0 }],
  ])('of %s is refused', (_what, body) => {
    expect(putBudgetSchema.safeParse({ period: 'day', ...body }).success).toBe(false)
  })
})

describe('cachedTenantList', () => {
  it('reads once a minute for each tenant, also when many ask at once', async () => {
    const time = { now: 0 }
    const reads: string[] = []
    const source = {
      async list(tenant: string) {
        reads.push(tenant)
        return [tenant]
      },
    }
    const list = cachedTenantList<string>(source, { now: () => time.now })

    await Promise.all([list.list('a'), list.list('a'), list.list('b')])
    time.now = 59_999
    expect(await list.list('a')).toEqual(['a'])
    expect(reads).toEqual(['a', 'b'])
    time.now = 60_000
    await list.list('a')

    expect(reads).toEqual(['a', 'b', 'a'])
  })

  it('does not remember that it could not be read', async () => {
    let fails = true
    const list = cachedTenantList<string>(
      {
        async list() {
          if (fails) throw new Error('busy')
          return ['x']
        },
      },
      { now: () => 0 },
    )

    await expect(list.list('a')).rejects.toThrow('busy')
    fails = false

    expect(await list.list('a')).toEqual(['x'])
  })
})
