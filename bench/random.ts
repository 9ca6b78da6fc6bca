/** Random numbers from a seed (mulberry32): the same seed draws the same faults. */
export type Random = {
  /** 0 (included) to 1 (excluded). */
  next(): number
  /** A whole number from 0 to `below` (excluded). */
  below(below: number): number
  chance(probability: number): boolean
  pick<Value>(values: readonly Value[]): Value
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick(values) {
      const value = values[below(values.length)]
      if (value === undefined) throw new RangeError('there is nothing to pick from')
      return value
    },
  }
}
