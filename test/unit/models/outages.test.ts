import { describe, expect, it } from 'vitest'
import { outage } from '../../helpers/outages.ts'

const SEEDS = Array.from({ length: 3 }, (_, seed) => seed)
const ASKED_IN_30_S = 60
const ASKED_IN_90_S = 180

describe('a provider that answers nobody', () => {
  const outages = (seconds: number) => Promise.all(SEEDS.map((seed) => outage(seed, seconds)))

  it('for half a minute loses hardly an execution', async () => {
    for (const { completed, refusedCalls } of await outages(30)) {
      expect(360 - completed).toBeLessThan(ASKED_IN_30_S / 20)
      // Five failures within five seconds, and those who were under way then.
      expect(refusedCalls).toBeLessThan(30)
    }
  })

  it('for a minute and a half loses less than a tenth of what was asked meanwhile, and is asked now and then', async () => {
    for (const { completed, refusedCalls } of await outages(90)) {
      expect(360 - completed).toBeLessThan(ASKED_IN_90_S / 10)
      expect(refusedCalls).toBeLessThan(30)
    }
  })
})
