import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Turn } from '#shared/conversations/conversation-store.ts'
import { turnWindow } from '#shared/conversations/turn-window.ts'

const AT = '2026-11-21T09:30:00.000Z'
const turnsOf = (...sizes: number[]): Turn[] =>
  sizes.map((size, number) => ({
    place: `${AT}#e#${String(number).padStart(8, '0')}`,
    role: number % 2 === 0 ? 'user' : 'assistant',
    content: 'x'.repeat(size),
    at: AT,
  }))
const lengthOf = (text: string): number => text.length

describe('turnWindow', () => {
  it('shows everything that fits', () => {
    const turns = turnsOf(10, 20, 30, 40)

    expect(turnWindow(turns, 100, lengthOf)).toEqual({ shown: turns, fallen: [] })
  })

  it('leaves half of the room free once something falls out, and no answer without its question', () => {
    const turns = turnsOf(10, 20, 10, 10, 10, 10)

    const { shown, fallen } = turnWindow(turns, 60, lengthOf)

    expect(shown).toEqual(turns.slice(4))
    expect(fallen).toEqual(turns.slice(0, 4))
  })

  it('shows nothing where there is no room', () => {
    const turns = turnsOf(10, 20)

    expect(turnWindow(turns, 0, lengthOf)).toEqual({ shown: [], fallen: turns })
  })

  it('loses nothing, keeps the order and never shows more than fits', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 30 }), fc.nat(400), (sizes, room) => {
        const turns = turnsOf(...sizes)
        const { shown, fallen } = turnWindow(turns, room, lengthOf)
        expect([...fallen, ...shown]).toEqual(turns)
        expect(shown.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(room)
      }),
    )
  })
})
