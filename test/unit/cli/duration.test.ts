import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parseDuration, timeAgo } from '../../../cli/duration.ts'
import { UsageError } from '../../../cli/errors.ts'

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 }

describe('parseDuration', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['1h', 3_600],
    ['1h30m', 5_400],
    ['7d', 604_800],
  ])('reads %s', (text, seconds) => {
    expect(parseDuration(text, '--timeout')).toBe(seconds)
  })

  it('adds the parts up', () => {
    const part = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.constantFrom('s', 'm', 'h', 'd'))
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const text = parts.map(([count, unit]) => `${count}${unit}`).join('')
        const sum = parts.reduce((total, [count, unit]) => total + count * SECONDS[unit], 0)
        expect(parseDuration(text, '--timeout')).toBe(sum)
      }),
    )
  })

  it.each(['', '5', 'h', '1.5h', '-1h', '1 h', '0s', '1y', '99999999d'])('refuses %j and says how to write it', (text) => {
    expect(() => parseDuration(text, '--expires-in')).toThrow(UsageError)
    expect(() => parseDuration(text, '--expires-in')).toThrow(`--expires-in "${text}" is not a duration`)
  })
})

describe('timeAgo', () => {
  it('is the time before that', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12) })
    const time = timeAgo('1h30m', '--since')
    vi.useRealTimers()

    expect(time).toBe('2026-11-21T10:30:00.000Z')
  })

  it('refuses what is no duration', () => {
    expect(() => timeAgo('yesterday', '--since')).toThrow('--since "yesterday" is not a duration')
  })
})
