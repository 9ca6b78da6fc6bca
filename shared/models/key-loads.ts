import type { ProviderKey } from '#shared/llm/provider-key.ts'

type Load = { running: number; pass: number }

export type KeyLoads = {
  /** The keys, the least busy first. */
  inOrder(keys: readonly ProviderKey[]): ProviderKey[]
  /** A call begins. @returns a function to be called when it ends */
  begin(key: ProviderKey): () => void
}

/**
 * The load of keys in this container: running calls relative to weight; among equals, keys take turns (stride scheduling: C. Waldspurger, 1995). After
 * a pause a key gets its normal share, without catching up. Every container starts at a random place.
 */
export function keyLoads(random: () => number = Math.random): KeyLoads {
  const loads = new Map<string, Load>()
  let turn = 0

  function loadOf({ fingerprint, weight }: ProviderKey): Load {
    const load = loads.get(fingerprint) ?? { running: 0, pass: turn + random() / weight }
    loads.set(fingerprint, load)
    load.pass = Math.max(load.pass, turn)
    return load
  }

  return {
    inOrder(keys) {
      const ranked = keys.map((key) => ({ key, ...loadOf(key) }))
      ranked.sort((one, other) => one.running / one.key.weight - other.running / other.key.weight || one.pass - other.pass)
      return ranked.map(({ key }) => key)
    },
    begin(key) {
      const load = loadOf(key)
      turn = load.pass
      load.pass += 1 / key.weight
      load.running++
      return () => {
        load.running--
      }
    },
  }
}
