/** Deepest `data` of a message. Every door checks the same, so what one door accepted no later step refuses. */
export const MAX_DATA_DEPTH = 28

/** Whether a JSON value is nested deeper than so many levels. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let depth = 0
  for (const _level of levelsOf(value)) if (depth++ === levels) return true
  return false
}

/** Whether a JSON value has more objects and lists in it than so many, itself included. */
export function hasMoreContainersThan(value: unknown, most: number): boolean {
  let containers = 0
  for (const level of levelsOf(value)) {
    containers += level.length
    if (containers > most) return true
  }
  return false
}

/** The objects and lists in a JSON value, level by level. Goes down without recursion. */
function* levelsOf(value: unknown): Generator<object[]> {
  let level = [value].filter(isContainer)
  while (level.length > 0) {
    yield level
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
