import type { Activity, ActivityStore } from './activity-store.ts'

export function memoryActivityStore(): ActivityStore {
  const tenants = new Map<string, Activity>()
  const sum = (one: Activity, other: Activity): Activity => ({
    messages: one.messages + other.messages,
    errors: one.errors + other.errors,
  })
  const of = (tenant: string): Activity => tenants.get(tenant) ?? { messages: 0, errors: 0 }
  return {
    async add(tenant, activity) {
      tenants.set(tenant, sum(of(tenant), activity))
    },
    async of(tenant) {
      return of(tenant)
    },
    async total() {
      return [...tenants.values()].reduce(sum, { messages: 0, errors: 0 })
    },
  }
}
