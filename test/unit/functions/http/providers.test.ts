import { describe, expect, it } from 'vitest'
import { WHOLE } from '#shared/models/breaker.ts'
import { noFigures } from '#shared/models/latency-store.ts'
import { memoryProviderStates } from '#shared/models/memory-provider-states.ts'
import { HOUR_MS } from '#shared/platform/clock.ts'
import { httpCaller } from '../../../helpers/http-caller.ts'

/** What the caller's clock says. */
const NOW = Date.parse('2026-11-21T09:30:00Z')
const HOUR = Date.parse('2026-11-21T09:00:00Z')

describe('GET /v1/providers', () => {
  it('lists what agents name and what was called, with its state', async () => {
    const states = memoryProviderStates()
    const http = httpCaller(states)
    const llm = { provider: 'openai', model: 'gpt-4o', fallbacks: [{ provider: 'ollama', model: 'llama2:13b' }] }
    await http.call('POST', '/v1/agents', { body: { name: 'A', llm } })
    await http.call('POST', '/v1/agents', { body: { name: 'B', llm: { provider: 'virtual', model: 'smart' } } })
    const key = { provider: 'anthropic', service: 'eu', model: 'claude' }
    const figures = { calls: 2, errors: 1, costMicroUsd: 70, counts: noFigures().counts.with(3, 2) }
    await states.latencies.add('acme', [
      { key, hour: HOUR, figures },
      { key, hour: HOUR - 10 * HOUR_MS, figures },
    ])
    await states.breakers.put(
      { tenant: 'acme', provider: 'anthropic', service: 'eu', model: 'claude' },
      { failures: 5, failingSince: NOW - 6_000, failedAt: NOW, successes: 0, openUntil: NOW + 30_000 },
      0,
      NOW,
    )
    await states.breakers.put(
      { tenant: 'acme', provider: 'anthropic', service: 'eu', model: 'claude-2' },
      { ...WHOLE, failures: 9 },
      0,
      NOW,
    )
    await states.keyStates.cool('eu', { fingerprint: '0123456789ab', until: NOW + 5_000, reason: 'rate_limit', now: NOW })

    const { status, body } = await http.call('GET', '/v1/providers')

    expect(status).toBe(200)
    const [anthropic, ...others] = body.providers as Record<string, unknown>[]
    expect(anthropic).toMatchObject({
      provider: 'anthropic',
      service: 'eu',
      secret: { name: expect.stringMatching(/-eu-secret$/) },
      keys: [{ fingerprint: '0123456789ab', cooldownUntil: '2026-11-21T09:30:05.000Z', reason: 'rate_limit' }],
      breaker: { state: 'open', failures: 5, model: 'claude', openUntil: '2026-11-21T09:30:30.000Z' },
      latency: {
        calls: 4,
        errors: 2,
        p50Ms: 425,
        p90Ms: 485,
        hours: [{ calls: 2 }, { time: '2026-11-21T09:00:00.000Z', calls: 2, errors: 1 }],
      },
      spend: { todayMicroUsd: 70, priced: true },
    })
    expect(others).toMatchObject([
      {
        provider: 'ollama',
        service: 'ollama',
        keys: [],
        breaker: { state: 'closed', failures: 0 },
        latency: { calls: 0, hours: [] },
        spend: { todayMicroUsd: 0, priced: false },
      },
      { provider: 'openai', service: 'openai', secret: { name: expect.stringMatching(/-openai-secret$/) } },
    ])
    expect(others[0]).not.toHaveProperty('secret')
  })

  it('names no secret of a server that was called without a key, unless another agent needs one there', async () => {
    const states = memoryProviderStates()
    const http = httpCaller(states)
    const open = { provider: 'custom', model: 'm', baseUrl: 'http://127.0.0.1:8000/v1' }
    await http.call('POST', '/v1/agents', { body: { name: 'A', llm: open } })
    const key = { provider: 'custom', service: 'custom', model: 'm' }
    await states.latencies.add('acme', [{ key, hour: HOUR, figures: { ...noFigures(), calls: 1 } }])
    const first = async (): Promise<unknown> => ((await http.call('GET', '/v1/providers')).body.providers as unknown[])[0]

    expect(await first()).not.toHaveProperty('secret')

    await http.call('POST', '/v1/agents', { body: { name: 'B', llm: { provider: 'custom', model: 'm' } } })
    await http.call('POST', '/v1/agents', { body: { name: 'C', llm: open } })
    expect(await first()).toHaveProperty('secret')
  })

  it("shows nothing of another tenant's calls, and nothing without the scope", async () => {
    const states = memoryProviderStates()
    const http = httpCaller(states)
    const key = { provider: 'anthropic', service: 'eu', model: 'claude' }
    await states.latencies.add('acme', [{ key, hour: HOUR, figures: { ...noFigures(), calls: 1 } }])

    expect((await http.call('GET', '/v1/providers', { token: await http.tokenOf('globex') })).body).toEqual({ providers: [] })
    expect((await http.call('GET', '/v1/providers', { token: await http.tokenOf('acme', ['agents:read']) })).status).toBe(403)
  })
})
