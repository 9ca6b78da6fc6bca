import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createTextPacer } from '../../../web/console/text-pacer.ts'

let frames: (() => void)[]
let still: boolean
let hidden: boolean

/** Runs the next animation frame; false when none was asked for. */
const nextFrame = (): boolean => {
  const frame = frames.shift()
  frame?.()
  return frame !== undefined
}

beforeEach(() => {
  frames = []
  still = false
  hidden = false
  vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame))
  vi.stubGlobal('cancelAnimationFrame', () => {
    frames = []
  })
  vi.stubGlobal('matchMedia', () => ({
    get matches() {
      return still
    },
  }))
  vi.stubGlobal('document', {
    get hidden() {
      return hidden
    },
  })
  return () => vi.unstubAllGlobals()
})

describe('createTextPacer', () => {
  it('shows a burst bit by bit, each a longer beginning of the text', () => {
    const text = 'a sentence that came in one frame'.repeat(4)
    const pacer = createTextPacer('', () => undefined)
    pacer.set(text)
    const lengths = [pacer.shown.length]
    while (nextFrame()) {
      expect(text.startsWith(pacer.shown)).toBe(true)
      lengths.push(pacer.shown.length)
    }

    expect(pacer.shown).toBe(text)
    expect(lengths.length).toBeGreaterThan(10)
    expect(lengths).toEqual([...new Set(lengths)].sort((a, b) => a - b))
  })

  it('never shows half a character', () => {
    const pacer = createTextPacer('', () => undefined)
    pacer.set('🚢🚢🚢')
    while (nextFrame()) expect(pacer.shown.isWellFormed()).toBe(true)
    expect(pacer.shown).toBe('🚢🚢🚢')
  })

  it('takes dropped text back at once', () => {
    const pacer = createTextPacer('kept and lost', () => undefined)
    pacer.set('kept')
    expect(pacer.shown).toBe('kept')
  })

  it.each([
    ['motion is not wanted', () => (still = true)],
    ['the page is hidden', () => (hidden = true)],
  ])('shows everything at once when %s', (_case, arrange) => {
    arrange()
    const pacer = createTextPacer('', () => undefined)
    pacer.set('all of it')
    expect(pacer.shown).toBe('all of it')
    expect(nextFrame()).toBe(false)
  })
})
