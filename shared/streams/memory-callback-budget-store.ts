import type { CallbackBudgetStore, CallbackPressure } from './callback-budget-store.ts'

export function memoryCallbackBudgetStore(): CallbackBudgetStore {
  let standing: CallbackPressure | undefined
  return {
    async read() {
      return standing
    },
    async replace(before, next) {
      if (before?.at === standing?.at) standing = next
    },
  }
}
