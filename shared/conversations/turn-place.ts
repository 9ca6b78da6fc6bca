/** Digits of a number in a place: places sort as texts. */
const DIGITS = 8

/** The place of a turn: sorts by the time of its execution, then by its number within it. */
export const turnPlace = (at: string, executionId: string, number: number): string =>
  `${at}#${executionId}#${String(number).padStart(DIGITS, '0')}`
