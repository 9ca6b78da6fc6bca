import { describe, expect, it } from 'vitest'
import { sleep } from '#shared/platform/clock.ts'
import { inVirtualTime } from '../../../../bench/streams/virtual-time.ts'

const START = Date.parse('2026-11-21T09:00:00.000Z')
const during = <Result>(work: () => Promise<Result>): Promise<Result> => inVirtualTime({ start: START, random: () => 0.5 }, work)

describe('virtual time', () => {
  it('passes an hour at once, for every clock there is', async () => {
    const before = performance.now()

    const [date, clock] = await during(async () => {
      await sleep(3_600_000)
      return [new Date().toISOString(), performance.now()] as const
    })

    expect(date).toBe('2026-11-21T10:00:00.000Z')
    expect(clock).toBe(3_600_000)
    expect(performance.now() - before).toBeLessThan(5_000)
  })

  it('fires timers by their time, and those of one time in their order', async () => {
    const fired = await during(async () => {
      const names: string[] = []
      const later = (name: string, ms: number) => sleep(ms).then(() => names.push(name))
      await Promise.all([later('c', 20), later('a', 10), later('d', 20), later('b', 15)])
      return names
    })

    expect(fired).toEqual(['a', 'b', 'c', 'd'])
  })

  it('knows intervals, timers that are set anew or cleared, and signals with a time', async () => {
    const seen = await during(async () => {
      const names: string[] = []
      const note = (name: string) => () => void names.push(`${name} ${Date.now() - START}`)
      const interval = setInterval(note('interval'), 40)
      clearTimeout(setTimeout(note('cleared'), 10))
      const anew = setTimeout(note('anew'), 30)
      await sleep(20)
      anew.refresh()
      AbortSignal.timeout(30).addEventListener('abort', note('signal'))
      await sleep(70)
      clearInterval(interval)
      await sleep(100)
      return names
    })

    expect(seen).toEqual(['interval 40', 'anew 50', 'signal 50', 'interval 80'])
  })

  it('waits for hashes without letting time go by', async () => {
    const elapsed = await during(async () => {
      const ticking = setInterval(() => undefined, 1)
      await crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000))
      clearInterval(ticking)
      return Date.now() - START
    })

    expect(elapsed).toBe(0)
  })

  it('gives everything back at its end, also after an error', async () => {
    const before = { setTimeout, Date, random: Math.random, digest: crypto.subtle.digest, timeout: AbortSignal.timeout }

    await expect(during(async () => Promise.reject(new Error('no')))).rejects.toThrow('no')

    expect({ setTimeout, Date, random: Math.random, digest: crypto.subtle.digest, timeout: AbortSignal.timeout }).toEqual(before)
  })

  it('tells when the work waits for something that never comes', async () => {
    await expect(during(() => new Promise(() => undefined))).rejects.toThrow('never comes')
  })
})
