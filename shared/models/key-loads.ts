import type { ProviderKey } from '#shared/llm/provider-key.ts'

type Load = { running: number; pass: number }

export type KeyLoads = {
  /** The keys, that with least to do first. */
  inOrder(keys: readonly ProviderKey[]): ProviderKey[]
  /** A call begins. @returns what is called at its end */
  begin(key: ProviderKey): () => void
}

/**
 * What the keys have to do in this container: calls that run, by weight, and among equals the turn (stride scheduling: C. Waldspurger, 1995). A key
 * that comes back from a pause gets its share from then on, and makes up for nothing. Every container begins at another place.
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
