import type { Clock } from '#shared/platform/clock.ts'
import type { Budget, BudgetState } from '#shared/protocol/budget.ts'
import { periodEnd, periodOf } from './budget-period.ts'
import type { BudgetStore } from './budget-store.ts'

/** A budget with its figures in the current period. */
export async function budgetState(
  { budgetStore, clock }: { budgetStore: Pick<BudgetStore, 'read'>; clock: Clock },
  tenant: string,
  budget: Budget,
): Promise<BudgetState> {
  const now = clock.now()
  const { budgetId, period, limitMicroUsd } = budget
  const { spentMicroUsd, reservedMicroUsd } = await budgetStore.read({ tenant, budgetId, period: periodOf(period, now) }, now)
  return {
    ...budget,
    spentMicroUsd,
    reservedMicroUsd,
    leftMicroUsd: Math.max(0, limitMicroUsd - spentMicroUsd - reservedMicroUsd),
    percent: Math.round((spentMicroUsd / limitMicroUsd) * 10_000) / 100,
    renewsAt: new Date(periodEnd(period, now)).toISOString(),
  }
}
