import type { Clock } from '#shared/platform/clock.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import type { OpenTool } from './open-tool.ts'

const TOOL = {
  name: 'current_time',
  description: 'The date and the time now, with the day of the week.',
  parameters: {
    type: 'object',
    properties: {
      timeZone: { type: 'string', maxLength: 64, description: 'IANA time zone, such as Europe/Berlin. UTC when it is left out.' },
    },
    additionalProperties: false,
  },
}

/** Tells the time. */
export const currentTime = ({ clock }: { clock: Clock }): OpenTool => ({
  tool: TOOL,
  repeatable: true,
  async call(input) {
    const { timeZone = 'UTC' } = input as { timeZone?: string }
    return { content: timeIn(timeZone, clock.now()) }
  },
})

/** As `Saturday, 2026-11-21 14:05:33 GMT+01:00 (Europe/Berlin)`. */
function timeIn(timeZone: string, now: number): string {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? ''
  const date = [part('year'), part('month'), part('day')].join('-')
  const time = [part('hour'), part('minute'), part('second')].join(':')
  return `${part('weekday')}, ${date} ${time} ${part('timeZoneName')} (${timeZone})`
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const digits = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  } as const
  try {
    return new Intl.DateTimeFormat('en', { ...digits, weekday: 'long', hourCycle: 'h23', timeZoneName: 'longOffset', timeZone })
  } catch {
    throw new ValidationError(`there is no time zone "${timeZone}": use an IANA name such as Europe/Berlin`)
  }
}
