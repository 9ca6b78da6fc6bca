import { describe, expect, it } from 'vitest'
import { callsPerSecond, keyStorm, ONCE_A_PROMPT } from '../../helpers/key-storms.ts'

const SEEDS = Array.from({ length: 5 }, (_, seed) => seed)

describe('one key and a hundred executions at once', () => {
  it.each([
    ['half of the prompts are refused once', ONCE_A_PROMPT],
    ['the vendor takes five calls a second', callsPerSecond(5, 1)],
    ['the vendor takes five calls a second, and names no pause', callsPerSecond(5)],
  ])('are all answered, most of them at the first attempt, when %s', async (_, vendor) => {
    const storms = await Promise.all(SEEDS.map((seed) => keyStorm(seed, vendor)))

    for (const { completed, failed, attempts } of storms) {
      expect({ completed, failed }).toEqual({ completed: 100, failed: {} })
      expect(attempts[0]).toBeGreaterThan(50)
    }
  })
})
