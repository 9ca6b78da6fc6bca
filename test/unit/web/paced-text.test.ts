import fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { pacedText } from '../../../web/client/paced-text.ts'

/** Time between two animation frames, in milliseconds. */
const FRAME_MS = 16

let now: number
let frame: (() => void) | undefined
let still: boolean
let hidden: boolean

/** Lets time go by, with an animation frame every {@link FRAME_MS}. */
function pass(ms: number): void {
  for (const end = now + ms; now < end; ) {
    now = Math.min(end, now + FRAME_MS)
    const due = frame
    frame = undefined
    due?.()
  }
}

beforeEach(() => {
  now = 1_000
  frame = undefined
  still = false
  hidden = false
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    frame = callback
    return 1
  })
  vi.stubGlobal('cancelAnimationFrame', () => {
    frame = undefined
  })
  vi.stubGlobal('matchMedia', () => ({ matches: still }))
  vi.stubGlobal('document', {
    get hidden() {
      return hidden
    },
  })
  return () => vi.unstubAllGlobals()
})

describe('pacedText', () => {
  it('shows a burst evenly over the interval in which bursts come', () => {
    const text = pacedText(() => undefined)
    let whole = ''
    for (let burst = 0; burst < 20; burst += 1) {
      whole += 'x'.repeat(100)
      text.set(whole)
      pass(200)
    }
    whole += 'y'.repeat(100)
    text.set(whole)
    const shares = [0.25, 0.5, 0.75].map((share) => {
      pass(50)
      return (text.shown.length - whole.length + 100) / 100 - share
    })

    for (const error of shares) expect(Math.abs(error)).toBeLessThan(0.12)
    pass(80)
    expect(text.isWhole).toBe(true)
  })

  it('shows no burst later than the next one', () => {
    const bursts = fc.array(
      fc.tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 900 })),
      {
        maxLength: 30,
      },
    )
    fc.assert(
      fc.property(bursts, (arrivals) => {
        const text = pacedText(() => undefined)
        let whole = ''
        for (const [more, pauseMs] of arrivals) {
          const before = whole
          whole += more
          text.set(whole)
          expect(whole.startsWith(text.shown)).toBe(true)
          expect(text.shown.length).toBeGreaterThanOrEqual(before.length - 1)
          pass(pauseMs)
        }
        pass(650)
        expect(text.shown).toBe(whole)
        text.stop()
      }),
    )
  })

  it('never shows half a character, nor goes back, whatever the network does', () => {
    const text = pacedText(() => {
      expect(text.shown.isWellFormed()).toBe(true)
      expect(text.shown.length).toBeGreaterThanOrEqual(longest)
      longest = text.shown.length
    })
    let longest = 0
    for (let count = 1; count < 30; count += 1) {
      text.set('🚢'.repeat(count))
      pass(30)
    }
    pass(700)
    expect(text.shown).toBe('🚢'.repeat(29))
  })

  it('takes dropped text back at once', () => {
    const text = pacedText(() => undefined, { initial: 'kept and lost' })
    text.set('kept')
    expect(text.shown).toBe('kept')
  })

  it('is told once for each change, and not after it was stopped', () => {
    const onChange = vi.fn()
    const text = pacedText(onChange)
    text.set('a burst')
    text.set('a burst')
    expect(onChange).not.toHaveBeenCalled()
    pass(FRAME_MS)
    expect(onChange).toHaveBeenCalledTimes(1)
    text.stop()
    pass(1_000)
    expect(onChange).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['motion is not wanted', () => (still = true)],
    ['the page is hidden', () => (hidden = true)],
    ['there is no page', () => vi.stubGlobal('document', undefined)],
  ])('shows everything at once when %s', (_case, arrange) => {
    arrange()
    const text = pacedText(() => undefined)
    text.set('all of it')
    expect(text.shown).toBe('all of it')
    expect(frame).toBeUndefined()
  })

  it('shows everything at once when it is switched off', () => {
    const text = pacedText(() => undefined, { pacing: false })
    text.set('all of it')
    expect(text.isWhole).toBe(true)
  })

  it('shows the rest at once when the page is hidden meanwhile', () => {
    const text = pacedText(() => undefined)
    text.set('x'.repeat(100))
    hidden = true
    pass(FRAME_MS)
    expect(text.isWhole).toBe(true)
  })
})
