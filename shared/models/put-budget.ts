import { type Budget, MAX_BUDGETS } from '#shared/protocol/budget.ts'
import { putWithin } from './put-within.ts'
import type { TenantList } from './tenant-list.ts'

/** Creates or replaces a budget. @throws ConflictError when the tenant has {@link MAX_BUDGETS} others */
export const putBudget = (
  { budgetDefinitions }: { budgetDefinitions: TenantList<Budget> },
  tenant: string,
  budget: Budget,
): Promise<Budget> =>
  putWithin(budgetDefinitions, tenant, {
    name: budget.budgetId,
    thing: budget,
    nameOf: ({ budgetId }) => budgetId,
    most: MAX_BUDGETS,
    kind: 'budgets',
  })
