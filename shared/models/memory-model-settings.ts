import { memoryBudgetStore } from './memory-budget-store.ts'
import { memoryTenantList } from './memory-tenant-list.ts'
import type { ModelSettings } from './model-settings.ts'

/** Empty settings in memory, for tests. */
export const memoryModelSettings = (): ModelSettings => ({
  modelOverrides: memoryTenantList(),
  virtualModelRules: memoryTenantList(),
  budgetDefinitions: memoryTenantList(),
  budgetStore: memoryBudgetStore(),
})
