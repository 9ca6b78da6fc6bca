import type { TenantList } from './tenant-list.ts'

/** A tenant list in memory, for tests. */
export function memoryTenantList<Thing>(): TenantList<Thing> {
  const tenants = new Map<string, Map<string, Thing>>()
  const of = (tenant: string): Map<string, Thing> => {
    const things = tenants.get(tenant) ?? new Map<string, Thing>()
    tenants.set(tenant, things)
    return things
  }
  return {
    async put(tenant, name, thing) {
      of(tenant).set(name, structuredClone(thing))
    },
    async list(tenant) {
      const sorted = [...of(tenant)].toSorted(([one], [other]) => (one < other ? -1 : 1))
      return structuredClone(sorted.map(([, thing]) => thing))
    },
    async remove(tenant, name) {
      return of(tenant).delete(name) ? 'removed' : 'missing'
    },
  }
}
