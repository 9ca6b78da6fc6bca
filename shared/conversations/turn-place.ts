/** Digits of a number in a place: places sort as texts. */
const DIGITS = 8

/** Place of what an execution says: by the time of its turn, then by its number. */
export const turnPlace = (at: string, executionId: string, number: number): string =>
  `${at}#${executionId}#${String(number).padStart(DIGITS, '0')}`
