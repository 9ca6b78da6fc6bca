import type { LlmCaller } from '#shared/llm/llm-providers.ts'
import { type Clock, MINUTE_MS } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Log } from '#shared/platform/log.ts'
import type { Budget } from '#shared/protocol/budget.ts'
import { periodEnd, periodOf } from './budget-period.ts'
import type { BudgetMark, BudgetStore, BudgetSums } from './budget-store.ts'
import type { TenantList } from './tenant-list.ts'

/** What was set aside for a call, in each budget that applies to it. */
export type Reservation = readonly { budgetId: string; period: string; holdId: string; amountMicroUsd: number }[]

export type Admission = {
  reservation: Reservation
  /** For the stream: a budget is nearly spent, or a call cannot be counted. */
  warnings: string[]
}

/** Enforces the tenants' budgets. Definitions are read at most once a minute; a tenant without budgets costs nothing else. */
export type Budgets = {
  /**
   * Sets aside what a call may cost: in every budget that applies, or in none. Strict: with the action `stop`, what is spent and set aside never
   * exceeds the limit. A reservation that is never settled counts for {@link HOLD_MS}.
   *
   * @param estimateMicroUsd - undefined when the model has no price
   * @throws SluiceError `budget_exceeded` naming the budget and when its next period begins
   */
  admit(caller: LlmCaller, estimateMicroUsd: number | undefined): Promise<Admission>
  /**
   * Replaces what was set aside by what the call cost; 0 gives it back. Idempotent. Never throws: losing an answer over its price would be worse,
   * and what could not be settled counts as set aside until it expires.
   */
  settle(caller: LlmCaller, reservation: Reservation, actualMicroUsd: number): Promise<void>
}

export type BudgetsDependencies = {
  /** Read with every call: pass a `cachedTenantList`. */
  definitions: Pick<TenantList<Budget>, 'list'>
  store: BudgetStore
  clock: Clock
  logger: Log
}

/** How long a reservation counts when its call never reports what it cost: longer than any call takes. */
export const HOLD_MS = 16 * MINUTE_MS

export function budgets({ definitions, store, clock, logger }: BudgetsDependencies): Budgets {
  /** Logs a notice once per period. @returns whether this was the first time */
  async function tellOnce({ tenant }: LlmCaller, budget: Budget, mark: BudgetMark, sums: BudgetSums): Promise<boolean> {
    const { budgetId, action, limitMicroUsd } = budget
    const now = clock.now()
    if (sums.marks.includes(mark)) return false
    if (!(await store.mark({ tenant, budgetId, period: periodOf(budget.period, now) }, mark, now))) return false
    logger.warn(`budget_${mark}`, { tenant, budgetId, action, spentMicroUsd: sums.spentMicroUsd, limitMicroUsd })
    return true
  }

  async function warningsOf(caller: LlmCaller, budget: Budget, sums: BudgetSums): Promise<string[]> {
    const { budgetId, limitMicroUsd, warnAtPercent } = budget
    const committed = sums.spentMicroUsd + sums.reservedMicroUsd
    if (committed > limitMicroUsd)
      return (await tellOnce(caller, budget, 'exceeded', sums))
        ? [`the budget "${budgetId}" of ${dollars(limitMicroUsd)} is spent`]
        : []
    if (committed * 100 < warnAtPercent * limitMicroUsd || !(await tellOnce(caller, budget, 'warned', sums))) return []
    return [
      `${Math.floor((committed / limitMicroUsd) * 100)} % of the budget "${budgetId}" of ${dollars(limitMicroUsd)} are spent or set aside`,
    ]
  }

  async function refuse(caller: LlmCaller, budget: Budget, sums: BudgetSums, estimate: number): Promise<never> {
    const { budgetId, period, limitMicroUsd } = budget
    await tellOnce(caller, budget, 'exceeded', sums)
    const left = Math.max(0, limitMicroUsd - sums.spentMicroUsd - sums.reservedMicroUsd)
    throw new SluiceError(
      'budget_exceeded',
      `the budget "${budgetId}" allows ${dollars(limitMicroUsd)} a ${period}: ${dollars(left)} is left, and the call may cost ${dollars(estimate)}; ` +
        `it is whole again at ${new Date(periodEnd(period, clock.now())).toISOString()}`,
    )
  }

  async function settle({ tenant }: LlmCaller, reservation: Reservation, actualMicroUsd: number): Promise<void> {
    const settled = reservation.map(({ budgetId, period, ...hold }) =>
      store.settle({ tenant, budgetId, period }, hold, actualMicroUsd).catch((error: unknown) => {
        logger.warn('model_state_lost', { what: 'budgets', tenant, budgetId, error })
      }),
    )
    await Promise.all(settled)
  }

  return {
    async admit(caller, estimate) {
      const matching = (await definitions.list(caller.tenant)).filter((budget) => countsFor(budget, caller))
      if (matching.length === 0) return { reservation: [], warnings: [] }
      if (estimate === undefined) {
        const names = matching.map(({ budgetId }) => `"${budgetId}"`).join(', ')
        return {
          reservation: [],
          warnings: [`the price of this model is not known: the call cannot be counted in the budget ${names}`],
        }
      }
      const holdId = newId()
      const reservation: Reservation[number][] = []
      const warnings: string[] = []
      try {
        for (const budget of matching) {
          const now = clock.now()
          const period = periodOf(budget.period, now)
          const { budgetId, action } = budget
          const hold = { holdId, amountMicroUsd: estimate, until: now + HOLD_MS }
          const limit = action === 'stop' ? budget.limitMicroUsd : undefined
          // Noted before the write, which may succeed although its answer is lost.
          reservation.push({ budgetId, period, holdId, amountMicroUsd: estimate })
          const held = await store.hold({ tenant: caller.tenant, budgetId, period }, hold, limit, now)
          if (held.result === 'refused') {
            reservation.pop()
            await refuse(caller, budget, held, estimate)
          }
          warnings.push(...(await warningsOf(caller, budget, held)))
        }
        return { reservation, warnings }
      } catch (error) {
        await settle(caller, reservation, 0)
        throw error
      }
    },
    settle,
  }
}

/** Whether a budget applies to a call: it may be limited to an agent, or to a caller, whether he asked directly or through other agents. */
const countsFor = ({ scope }: Budget, { agentId, source, rootSource }: LlmCaller): boolean =>
  (scope.agentId === undefined || scope.agentId === agentId) &&
  (scope.source === undefined || scope.source === source || scope.source === rootSource)

/** Dollars and cents, with more digits only where needed. */
const dollars = (microUsd: number): string => {
  const usd = microUsd / 1_000_000
  return `$${microUsd % 10_000 === 0 ? usd.toFixed(2) : String(Number(usd.toFixed(6)))}`
}
