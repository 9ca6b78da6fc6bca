import type { Budget } from '#shared/protocol/budget.ts'
import type { ModelEntry, NamedVirtualModel } from '#shared/protocol/model.ts'
import type { BudgetStore } from './budget-store.ts'
import type { TenantList } from './tenant-list.ts'

/** The tenants' settings of models, and the sums of their budgets. */
export type ModelSettings = {
  /** Entries that override the catalogue. */
  modelOverrides: TenantList<ModelEntry>
  /** Models that are rules. */
  virtualModelRules: TenantList<NamedVirtualModel>
  /** Limits of what models may cost. */
  budgetDefinitions: TenantList<Budget>
  budgetStore: BudgetStore
}
