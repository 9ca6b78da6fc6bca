import type { Budget } from '#shared/protocol/budget.ts'
import type { ModelEntry, NamedVirtualModel } from '#shared/protocol/model.ts'
import type { BudgetStore } from './budget-store.ts'
import type { TenantList } from './tenant-list.ts'

/** What tenants say about models, and what became of their budgets. */
export type ModelSettings = {
  /** Over the catalogue. */
  modelOverrides: TenantList<ModelEntry>
  /** Models that are rules. */
  virtualModelRules: TenantList<NamedVirtualModel>
  /** What models may cost. */
  budgetDefinitions: TenantList<Budget>
  budgetStore: BudgetStore
}
