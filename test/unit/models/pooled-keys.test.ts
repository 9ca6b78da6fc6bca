import { describe, expect, it } from 'vitest'
import { remainingOf } from '#shared/limits/bucket.ts'
import type { LlmEvent, LlmProvider } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { keyFingerprint } from '#shared/llm/provider-key.ts'
import { memoryKeyStateStore } from '#shared/models/memory-key-state-store.ts'
import { ANSWER, keyPoolWorld, secretOf } from '../../helpers/key-pools.ts'
import { llmRequest, never, outcomeOf, textOf } from '../../helpers/llm.ts'

const failure = (
  code: 'rate_limit' | 'authentication_error' | 'network_error',
  providerStatus: number,
  retryAfterSeconds?: number,
) =>
  new ProviderError(code, 'by script', {
    provider: 'openai',
    providerStatus,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  })

const limited = (retryAfterSeconds?: number) => failure('rate_limit', 429, retryAfterSeconds)
const unknown = () => failure('authentication_error', 401)

/** A vendor that fails with some keys. */
const failing = (errors: Record<string, () => Error | undefined>) => (apiKey: string) => {
  const error = errors[apiKey]?.()
  if (error) throw error
  return ANSWER
}

/** An answer that is longer than anybody expects. */
const GREEDY: LlmEvent[] = [
  { type: 'text', text: 'x' },
  { type: 'usage', inputTokens: 10, outputTokens: 5_000 },
  { type: 'stop', reason: 'end' },
]

const ask = (provider: LlmProvider) => outcomeOf(provider.stream(llmRequest('hi'), never()))

describe('pooledKeys', () => {
  it('shares the load of several keys evenly', async () => {
    const { container, calls } = keyPoolWorld()
    const provider = container()

    for (let call = 0; call < 300; call++) await ask(provider)

    expect(Object.fromEntries(calls)).toEqual({ 'key-a': 100, 'key-b': 100, 'key-c': 100 })
  })

  it('answers 300 calls with three keys of which one is limited, and nobody retries', async () => {
    const { container, calls, pass } = keyPoolWorld({ vendor: failing({ 'key-b': () => limited(20) }) })
    const provider = container()

    const failures: unknown[] = []
    for (let call = 0; call < 300; call++) {
      const { error } = await ask(provider)
      if (error) failures.push(error)
      pass(100)
    }

    expect(failures).toEqual([])
    // Half a minute with a pause of 20 s: the limited key was tried twice, and no call failed for it.
    expect(calls.get('key-b')).toBe(2)
    expect(calls.get('key-a')).toBe(150)
    expect(calls.get('key-c')).toBe(150)
  })

  it('gives keys shares by their weight', async () => {
    const { container, calls } = keyPoolWorld({ secret: secretOf({ apiKey: 'small' }, { apiKey: 'big', weight: 3 }) })
    const provider = container()

    for (let call = 0; call < 40; call++) await ask(provider)

    expect(Object.fromEntries(calls)).toEqual({ small: 10, big: 30 })
  })

  it('gives a call the key with least to do', async () => {
    const { container, calls } = keyPoolWorld({ secret: secretOf('key-a', 'key-b') })
    const provider = container()
    const running = provider.stream(llmRequest('hi'), never())[Symbol.asyncIterator]()
    await running.next()
    const [busy = ''] = calls.keys()

    await ask(provider)
    await ask(provider)

    expect(calls.get(busy)).toBe(1)
    await running.return?.()
  })

  it('tells other containers of a pause, which lasts as long as the provider says', async () => {
    const { container, calls, pass } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': () => limited(30) }) })
    await ask(container())

    pass(10_000)
    const { error } = await ask(container())

    expect(calls.get('key-a')).toBe(1)
    expect(error).toMatchObject({ name: 'ProviderError', code: 'rate_limit', retryable: true, retryAfterSeconds: 20 })
  })

  it.each([[1], [undefined]])('waits for a key that was refused before and is limited now, for %s seconds', async (seconds) => {
    const answers = [unknown, () => limited(seconds), () => limited(seconds), () => undefined]
    const { container, pass } = keyPoolWorld({
      secret: 'key-a',
      vendor: failing({ 'key-a': () => answers.shift()?.() }),
      wait: (milliseconds) => pass(milliseconds),
    })
    const provider = container()
    await ask(provider)

    pass(1_000)
    const { error, events } = await ask(provider)

    expect(error).toBeUndefined()
    expect(textOf(events)).toBe('hello')
    expect(answers).toEqual([])
  })

  it('says when the first of the keys is free again, with what the provider said', async () => {
    const { container } = keyPoolWorld({
      secret: secretOf('key-a', 'key-b'),
      vendor: failing({ 'key-a': () => limited(30), 'key-b': () => limited(12) }),
    })

    const { error } = await ask(container())

    expect(error).toMatchObject({ code: 'rate_limit', retryAfterSeconds: 12, providerStatus: 429 })
  })

  it('keeps the name and the request of the call that was refused last', async () => {
    const said = { provider: 'openai', providerStatus: 401, providerCode: 'invalid_api_key', providerRequestId: 'req_1' }
    const refused = () => new ProviderError('authentication_error', 'by script', said)
    const { container } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': refused }) })

    const { error } = await ask(container())

    expect(error).toMatchObject({
      providerFailure: { name: 'openai', status: 401, code: 'invalid_api_key', requestId: 'req_1' },
    })
  })

  it('doubles its own pause where the provider names none', async () => {
    const { container, pass } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': () => limited() }) })
    const provider = container()

    const pauses: unknown[] = []
    for (let call = 0; call < 6; call++) {
      const { error } = await ask(provider)
      pauses.push((error as ProviderError).retryAfterSeconds)
      pass(60_000)
    }

    expect(pauses).toEqual([5, 10, 20, 40, 60, 60])
  })

  it('is not locked out for a day by what a provider says', async () => {
    const { container } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': () => limited(86_400) }) })

    expect((await ask(container())).error).toMatchObject({ retryAfterSeconds: 900 })
  })

  it('takes no other key once the answer has begun', async () => {
    const { container, calls } = keyPoolWorld({
      secret: secretOf('key-a', 'key-b'),
      vendor: () => brokenOff([{ type: 'text', text: 'half' }], limited(5)),
    })

    const { events, error } = await ask(container())

    expect(textOf(events)).toBe('half')
    expect(error).toMatchObject({ code: 'rate_limit' })
    expect([...calls.values()]).toEqual([1])
  })

  it('says what comes before an answer once, whichever key gives it', async () => {
    const warning: LlmEvent = { type: 'warning', text: 'no top_p' }
    let asked = 0
    const { container } = keyPoolWorld({
      secret: secretOf('key-a', 'key-b'),
      vendor: () => (asked++ === 0 ? brokenOff([warning], limited(5)) : [warning, ...ANSWER]),
    })

    const { events } = await ask(container())

    expect(events).toEqual([warning, ...ANSWER])
  })

  it.each([
    ['a connection that failed', () => failure('network_error', 0)],
    ['an abort', () => new DOMException('left', 'AbortError')],
  ])('passes %s on: that is not the fault of the key', async (_, error) => {
    const { container, calls, states } = keyPoolWorld({ vendor: failing({ 'key-a': error, 'key-b': error, 'key-c': error }) })

    expect((await ask(container())).error).toEqual(error())
    expect([...calls.values()]).toEqual([1])
    expect(await states.list('openai')).toEqual([])
  })

  it('leaves a key out that may not use this model, for this call alone', async () => {
    const forbidden = () => failure('authentication_error', 403)
    const { container, calls, states } = keyPoolWorld({
      secret: secretOf('key-a', 'key-b'),
      vendor: failing({ 'key-a': forbidden }),
    })
    const provider = container()

    for (let call = 0; call < 4; call++) expect((await ask(provider)).error).toBeUndefined()

    expect(calls.get('key-a')).toBeGreaterThan(1)
    expect((await states.list('openai')).filter((state) => state.cooldownUntil)).toEqual([])
  })

  it('passes on that no key may use the model', async () => {
    const forbidden = () => failure('authentication_error', 403)
    const { container } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': forbidden }) })

    expect((await ask(container())).error).toMatchObject({ code: 'authentication_error', providerStatus: 403 })
  })

  it('says that the provider knows none of the keys, and that once in the log', async () => {
    const { container, calls, log } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': unknown }) })
    const provider = container()
    await ask(provider)

    const { error } = await ask(provider)

    expect(error).toMatchObject({ code: 'authentication_error', retryable: false, message: expect.stringContaining('"openai"') })
    expect(calls.get('key-a')).toBe(2)
    expect(log.lines).toMatchObject([{ level: 'warn', code: 'key_paused', fields: { reason: 'authentication_error' } }])
  })

  it('does not take a service away for one wrong answer: a refused key is asked with when there is no other', async () => {
    let wrong = 1
    const once = () => (wrong-- > 0 ? unknown() : undefined)
    const { container } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': once }) })
    const provider = container()
    expect((await ask(provider)).error).toMatchObject({ code: 'authentication_error' })

    expect((await ask(provider)).error).toBeUndefined()
  })

  it('waits for a key that is free in a moment, and asks nobody in vain', async () => {
    const waits: number[] = []
    const limited = [failure('rate_limit', 429, 2), failure('rate_limit', 429, 4)]
    const world = keyPoolWorld({
      secret: 'key-a',
      vendor: failing({ 'key-a': () => limited.shift() }),
      wait: (milliseconds) => {
        waits.push(milliseconds)
        world.pass(milliseconds)
      },
    })

    const { error } = await ask(world.container())

    expect(error).toBeUndefined()
    expect(waits).toEqual([2_000, 4_000])
    expect(world.calls.get('key-a')).toBe(3)
  })

  it('does not wait for a key that is limited for long, and gives up when it is limited again and again', async () => {
    const waits: number[] = []
    const limited = [failure('rate_limit', 429, 1), failure('rate_limit', 429, 30)]
    const { container, pass } = keyPoolWorld({
      secret: 'key-a',
      vendor: failing({ 'key-a': () => limited.shift() }),
      wait: (milliseconds) => void waits.push(milliseconds),
    })
    const provider = container()

    expect((await ask(provider)).error).toMatchObject({ code: 'rate_limit', retryAfterSeconds: 1 })
    expect(waits).toEqual(Array.from({ length: 15 }, () => 1_000))
    pass(1_001)
    expect((await ask(provider)).error).toMatchObject({ code: 'rate_limit', retryAfterSeconds: 30 })
    expect((await ask(provider)).error).toMatchObject({ code: 'rate_limit', retryAfterSeconds: 30 })
    expect(waits).toHaveLength(15)
  })

  it('waits for nothing while another model stands by', async () => {
    const waits: number[] = []
    const { container } = keyPoolWorld({
      secret: 'key-a',
      vendor: failing({ 'key-a': () => limited(1) }),
      wait: (milliseconds) => void waits.push(milliseconds),
      waits: false,
    })

    expect((await ask(container())).error).toMatchObject({ code: 'rate_limit', retryAfterSeconds: 1 })
    expect(waits).toEqual([])
  })

  it('asks again in a second where a pause was over before anybody looked', async () => {
    const waits: number[] = []
    const answers = [limited(0), limited(0)]
    const { container } = keyPoolWorld({
      secret: 'key-a',
      vendor: failing({ 'key-a': () => answers.shift() }),
      wait: (milliseconds) => void waits.push(milliseconds),
    })

    expect((await ask(container())).error).toBeUndefined()
    expect(waits).toEqual([1_000, 1_000])
  })

  it('comes again for a key that is limited, though another one may not use the model', async () => {
    const forbidden = () => failure('authentication_error', 403)
    const { container } = keyPoolWorld({
      secret: secretOf('key-a', 'key-b'),
      vendor: failing({ 'key-a': () => limited(30), 'key-b': forbidden }),
    })

    expect((await ask(container())).error).toMatchObject({ code: 'rate_limit', retryable: true, retryAfterSeconds: 30 })
  })

  it('looks at the end of a pause whether others have made it longer', async () => {
    const { container, calls, pass, states, clock } = keyPoolWorld({
      secret: 'key-a',
      vendor: failing({ 'key-a': () => limited(20) }),
    })
    const provider = container()
    await ask(provider)
    pass(19_000)
    await ask(provider)
    const fingerprint = keyFingerprint('openai', 'key-a')
    await states.cool('openai', { fingerprint, until: clock.now() + 61_000, reason: 'rate_limit', now: clock.now() })

    pass(1_000)
    const { error } = await ask(provider)

    expect(calls.get('key-a')).toBe(1)
    expect(error).toMatchObject({ retryAfterSeconds: 60 })
  })

  it('makes its own pause no longer for calls that were under way when it began', async () => {
    const { container } = keyPoolWorld({ secret: 'key-a', vendor: failing({ 'key-a': () => limited() }), waits: false })
    const provider = container()

    const failures = await Promise.all(Array.from({ length: 4 }, () => ask(provider)))

    for (const { error } of failures) expect(error).toMatchObject({ retryAfterSeconds: 5 })
  })

  it('keeps a key to the calls and tokens that its secret allows, across containers', async () => {
    const { container, calls, pass } = keyPoolWorld({
      secret: secretOf({ apiKey: 'slow', requestsPerMinute: 2 }, { apiKey: 'short', tokensPerMinute: 600 }),
    })
    const [one, other] = [container(), container()]

    const errors: unknown[] = []
    for (const provider of [one, other, one, other, one, other]) errors.push((await ask(provider)).error)

    expect(Object.fromEntries(calls)).toEqual({ slow: 2, short: 1 })
    expect(errors.filter(Boolean)).toHaveLength(3)
    expect(errors.at(-1)).toMatchObject({ code: 'rate_limit', retryAfterSeconds: expect.any(Number) })
    pass(60_000)
    expect((await ask(container())).error).toBeUndefined()
  })

  it('takes no call from a key whose tokens are known to be too few, and says when they are enough', async () => {
    const { container, pass, buckets, clock } = keyPoolWorld({
      secret: secretOf({ apiKey: 'key-a', requestsPerMinute: 10, tokensPerMinute: 600 }),
      waits: false,
    })
    const provider = container()
    await ask(provider)

    const { error } = await ask(provider)
    for (let call = 0; call < 20; call++) await ask(provider)

    // 500 and some tokens are wanted, of which a minute brings 600.
    expect((error as ProviderError).retryAfterSeconds).toBeGreaterThan(30)
    const key = { pk: `LLM#RATE#openai#${keyFingerprint('openai', 'key-a')}`, sk: 'requests' }
    const wholeAt = (await buckets.peek(key)) ?? 0
    expect(remainingOf({ limit: 10, windowMs: 60_000 }, wholeAt, clock.now())).toBe(9)
    pass(60_000)
    expect((await ask(provider)).error).toBeUndefined()
  })

  it('loses no answer when what it took cannot be noted', async () => {
    const { container, buckets, log } = keyPoolWorld({
      secret: secretOf({ apiKey: 'key-a', tokensPerMinute: 4_000 }),
      vendor: () => GREEDY,
    })
    const take = buckets.take.bind(buckets)
    let takes = 0
    buckets.take = async (...given) => {
      if (takes++ > 0) throw new Error('the table is out of reach')
      return take(...given)
    }

    const { events, error } = await ask(container())

    expect({ text: textOf(events), error }).toEqual({ text: 'x', error: undefined })
    expect(takes).toBe(2)
    expect(log.lines).toContainEqual(expect.objectContaining({ code: 'key_states_lost' }))
  })

  it('takes what a call used beyond what was expected', async () => {
    const { container, calls } = keyPoolWorld({
      secret: secretOf({ apiKey: 'key-a', tokensPerMinute: 4_000 }),
      vendor: () => GREEDY,
    })
    const provider = container()

    await ask(provider)
    const { error } = await ask(provider)

    expect(calls.get('key-a')).toBe(1)
    expect(error).toMatchObject({ code: 'rate_limit' })
  })

  it('goes on when the states are out of reach, and says so in the log', async () => {
    const broken = async () => {
      throw new Error('no table')
    }
    const { container, log } = keyPoolWorld({ states: { list: broken, cool: broken, use: broken } })

    expect((await ask(container())).error).toBeUndefined()
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'warn', code: 'key_states_lost' }))
  })

  it('reads the states once in five seconds, and writes nothing for a call that goes well', async () => {
    const states = memoryKeyStateStore()
    const { container, pass } = keyPoolWorld({ states })
    const provider = container()
    for (let call = 0; call < 3; call++) await ask(provider)
    const before = { ...states.calls }

    for (let call = 0; call < 30; call++) {
      await ask(provider)
      pass(200)
    }

    // That a key is in use was told once for each.
    expect(before).toEqual({ reads: 1, writes: 3 })
    expect(states.calls).toEqual({ reads: 2, writes: 3 })
  })

  it('ignores a pause that only a wrong clock can have written', async () => {
    const { container, states, clock } = keyPoolWorld({ secret: 'key-a' })
    const fingerprint = keyFingerprint('openai', 'key-a')
    await states.cool('openai', { fingerprint, until: clock.now() + 86_400_000, reason: 'rate_limit', now: clock.now() })

    expect((await ask(container())).error).toBeUndefined()
  })
})

describe('pooledKeys, while a secret is replaced', () => {
  it('uses a new key with the next call', async () => {
    const { container, calls, rotate } = keyPoolWorld({ secret: 'old' })
    const provider = container()
    await ask(provider)

    rotate('new', 'old')
    await ask(provider)

    expect([...calls]).toEqual([
      ['old', 1],
      ['new', 1],
    ])
  })

  it('falls back to the key before when the new one is not known yet', async () => {
    const { container, calls } = keyPoolWorld({ secret: ['new', 'old'], vendor: failing({ new: unknown }) })
    const provider = container()

    expect((await ask(provider)).error).toBeUndefined()
    expect((await ask(provider)).error).toBeUndefined()
    expect([...calls]).toEqual([
      ['new', 1],
      ['old', 2],
    ])
  })

  it('sends nothing to the address before when the new one does not know the key', async () => {
    const moved = { keys: [{ apiKey: 'new' }], baseUrl: 'https://new.example.com' }
    const { container, calls } = keyPoolWorld({ secret: [JSON.stringify(moved), 'old'], vendor: failing({ new: unknown }) })

    expect((await ask(container())).error).toMatchObject({ code: 'authentication_error' })
    expect([...calls.keys()]).toEqual(['new'])
  })

  it('finds the new key at once when the old one, which it still remembers, is refused', async () => {
    const { container, calls } = keyPoolWorld({
      secrets: { read: async () => 'old', readVersions: async () => ['new', 'old'] },
      vendor: failing({ old: unknown }),
    })

    expect((await ask(container())).error).toBeUndefined()
    expect([...calls.keys()]).toEqual(['old', 'new'])
  })

  it('does not use the key before in place of one that is only limited', async () => {
    const { container, calls } = keyPoolWorld({ secret: ['new', 'old'], vendor: failing({ new: () => limited(5) }) })

    expect((await ask(container())).error).toMatchObject({ code: 'rate_limit', retryAfterSeconds: 5 })
    expect([...calls.keys()]).toEqual(['new'])
  })
})

function* brokenOff(events: LlmEvent[], error: Error): Generator<LlmEvent> {
  yield* events
  throw error
}
