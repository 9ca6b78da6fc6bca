// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest'
import { barsOf, describeHours } from '../../../web/console/elements/hours-plot.ts'

const NOW = Date.parse('2026-11-21T09:30:00.000Z')

describe('hours-plot', () => {
  it('puts each hour where it belongs, and leaves the others empty', () => {
    const bars = barsOf(
      [
        { time: '2026-11-21T09:00:00.000Z', value: 300 },
        { time: '2026-11-20T10:00:00.000Z', value: 100 },
        { time: '2026-11-20T09:00:00.000Z', value: 9 },
      ],
      NOW,
    )

    expect(bars).toHaveLength(24)
    expect([bars[0], bars[22], bars[23]]).toEqual([100, undefined, 300])
  })

  it('says in words what it shows', () => {
    expect(describeHours('Delay', [undefined, 99.6, 310])).toBe('Delay: from 100 to 310 in 2 hours')
    expect(describeHours('Delay', [undefined])).toBe('Delay: nothing in the last 24 hours')
  })
})
