import type { Fact } from './fact.ts'
import type { LifecycleBus } from './lifecycle-bus.ts'

/** A bus that keeps what was published, for tests. @param refuses - says why a fact is not accepted; accepts all when absent */
export function memoryLifecycleBus(
  refuses: (fact: Fact) => string | undefined = () => undefined,
): LifecycleBus & { readonly published: Fact[] } {
  const published: Fact[] = []
  return {
    published,
    async publish(facts) {
      return facts.flatMap((fact) => {
        const reason = refuses(fact)
        if (reason !== undefined) return [{ fact, reason }]
        published.push(structuredClone(fact))
        return []
      })
    },
  }
}
