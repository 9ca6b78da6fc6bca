/** Deepest `data` of a message. Every door checks the same, so what one door accepted no later step refuses. */
export const MAX_DATA_DEPTH = 28

/** Whether a JSON value is nested deeper than so many levels. Goes down level by level, without recursion. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let level = [value].filter(isContainer)
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true
    level = level.flatMap((container) => Object.values(container).filter(isContainer))
  }
  return false
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
