import { isWhole, termsOf } from './bucket.ts'
import type { BucketKey, BucketStore } from './bucket-store.ts'
import { memoryTenantGate } from './memory-tenant-gate.ts'
import type { TenantGate } from './tenant-gate.ts'

const TENANT_BUCKET = /^T#([^#]+)#RATE$/

/** Buckets of one process, for tests; `takes` counts what would be writes. */
export function memoryBucketStore(gate: TenantGate = memoryTenantGate()): BucketStore & { takes: number } {
  const buckets = new Map<string, number>()
  const nameOf = ({ pk, sk }: BucketKey): string => `${pk} ${sk}`
  const isClosed = async ({ pk }: BucketKey): Promise<boolean> => {
    const [, tenant] = TENANT_BUCKET.exec(pk) ?? []
    return tenant !== undefined && gate.isClosed(tenant)
  }
  return {
    takes: 0,
    async take(key, { rate, now, requests }) {
      this.takes++
      if (await isClosed(key)) return { result: 'closed' }
      const terms = termsOf(rate, now, requests)
      const known = buckets.get(nameOf(key))
      const from = known === undefined || isWhole(known, terms) ? terms.now : known
      if (from > terms.latest) return { result: 'empty', wholeAt: from }
      buckets.set(nameOf(key), from + terms.cost)
      return { result: 'taken', wholeAt: from + terms.cost }
    },
    async peek(key) {
      return buckets.get(nameOf(key))
    },
  }
}
