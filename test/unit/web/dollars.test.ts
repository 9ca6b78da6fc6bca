import { describe, expect, it } from 'vitest'
import { dollars, shownSpend } from '../../../web/console/dollars.ts'

const digitsOf = (text: string): string => text.replaceAll(/[^0-9.]/g, '')

describe('dollars', () => {
  it.each([
    [0, '0.00'],
    [5_050_000, '5.05'],
    [7_000, '0.0070'],
    [700, '0.000700'],
    [1, '0.000001'],
  ])('shows %d millionths as a person reads them', (microUsd, shown) => {
    expect(digitsOf(dollars(microUsd).replace(',', '.'))).toBe(shown)
  })
})

describe('shownSpend', () => {
  it('is an amount where a price is known, also where that is nothing', () => {
    expect(digitsOf(shownSpend({ todayMicroUsd: 700, priced: true }).replace(',', '.'))).toBe('0.000700')
    expect(digitsOf(shownSpend({ todayMicroUsd: 0, priced: true }).replace(',', '.'))).toBe('0.00')
  })

  it('is no amount where none is known', () => {
    expect(shownSpend({ todayMicroUsd: 0, priced: false })).toBe('–')
  })
})
