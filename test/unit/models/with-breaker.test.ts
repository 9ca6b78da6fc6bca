import { describe, expect, it } from 'vitest'
import { afterProbe, type Breaker, WHOLE } from '#shared/models/breaker.ts'
import { sharedBreakers } from '#shared/models/breakers.ts'
import { memoryBreakerStore } from '#shared/models/memory-breaker-store.ts'
import { withBreaker } from '#shared/models/with-breaker.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'

const KEY = { tenant: 'acme', provider: 'openai', service: 'openai', model: 'gpt-4o' }
const NOW = Date.parse('2026-11-21T09:00:00Z')

/** A provider that answers behind a breaker; what happens while a call waits is up to the test. */
async function behind(breaker: Breaker, { waits, meanwhile }: { waits?: boolean; meanwhile?: () => Promise<void> } = {}) {
  let now = NOW
  const clock = { now: () => now }
  const store = memoryBreakerStore()
  await store.put(KEY, breaker, 0, now)
  const pauses: number[] = []
  const provider = withBreaker(
    {
      async *stream() {
        yield { type: 'text', text: 'hello' }
        yield { type: 'stop', reason: 'end' }
      },
    },
    {
      ...{ key: KEY, clock, waits, random: () => 0.5 },
      breakers: sharedBreakers(store, clock, { onLost: (error) => expect.fail(String(error)), onOpened: () => undefined }),
      async wait(milliseconds) {
        pauses.push(milliseconds)
        now += milliseconds
        await meanwhile?.()
      },
    },
  )
  return { pauses, store, ask: (signal = never()) => outcomeOf(provider.stream(llmRequest('hi'), signal)) }
}

const openFor = (milliseconds: number): Breaker => ({ ...WHOLE, openUntil: NOW + milliseconds })
const probed = afterProbe({ ...WHOLE, openUntil: NOW - 1 }, NOW)

describe('withBreaker', () => {
  it('says when to come again, where that is not soon', async () => {
    const { ask, pauses } = await behind(openFor(40_000))

    expect((await ask()).error).toMatchObject({ code: 'provider_error', retryable: true, retryAfterSeconds: 40 })
    expect(pauses).toEqual([])
  })

  it('waits until the provider is asked again, and somewhat longer by chance', async () => {
    const { ask, pauses } = await behind(openFor(6_000))

    expect(textOf((await ask()).events)).toBe('hello')
    expect(pauses).toEqual([9_000])
  })

  it('waits for the end of a probe that somebody else makes', async () => {
    const world = await behind(probed, { meanwhile: async () => void (await world.store.put(KEY, WHOLE, 1, NOW)) })

    expect(textOf((await world.ask()).events)).toBe('hello')
    expect(world.pauses).toEqual([3_000])
  })

  it('gives up when a probe takes long, and comes again soon', async () => {
    const { ask, pauses } = await behind(probed)

    expect((await ask()).error).toMatchObject({ code: 'provider_error', retryAfterSeconds: 2 })
    expect(pauses).toEqual([3_000, 3_000, 3_000, 3_000, 3_000])
  })

  it('waits for nothing while another model stands by', async () => {
    const { ask, pauses } = await behind(probed, { waits: false })

    expect((await ask()).error).toMatchObject({ code: 'provider_error' })
    expect(pauses).toEqual([])
  })
})
