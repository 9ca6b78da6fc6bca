import type { TenantGate } from './tenant-gate.ts'

/** Gates of one process, for tests. */
export function memoryTenantGate(): TenantGate {
  const closed = new Set<string>()
  return {
    async close(tenant) {
      closed.add(tenant)
    },
    async open(tenant) {
      closed.delete(tenant)
    },
    async isClosed(tenant) {
      return closed.has(tenant)
    },
  }
}
