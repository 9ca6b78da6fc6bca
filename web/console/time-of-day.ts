const format = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})

/** Where the times of a page hold. */
export const { timeZone } = format.resolvedOptions()

/** @param time - a timestamp of the protocol */
export const timeOfDay = (time: string): string => format.format(new Date(time))
