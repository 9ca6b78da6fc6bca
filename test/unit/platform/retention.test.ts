import { describe, expect, it } from 'vitest'
import { isOver, keptFor } from '#shared/platform/retention.ts'

const NOW = Date.parse('2026-11-21T09:30:00.500Z')

describe('isOver', () => {
  it('is true from the second in which the time has passed', () => {
    const item = keptFor(1, NOW)

    expect(item.expiresAt).toBe(Date.parse('2026-11-22T09:30:00Z') / 1_000)
    expect(isOver(item, Date.parse('2026-11-22T09:29:59.999Z'))).toBe(false)
    expect(isOver(item, Date.parse('2026-11-22T09:30:00.000Z'))).toBe(true)
  })

  it.each([{}, { expiresAt: undefined }, { expiresAt: '1' }])('is never true of %j', (item) => {
    expect(isOver(item, NOW)).toBe(false)
  })
})
