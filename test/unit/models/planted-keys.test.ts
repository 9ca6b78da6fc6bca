import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { memoryBucketStore } from '#shared/limits/memory-bucket-store.ts'
import { vendorOpener } from '#shared/llm/open-vendor.ts'
import { providerKeys } from '#shared/llm/provider-keys.ts'
import { parseProviderKeys } from '#shared/llm/provider-secret.ts'
import { secretFor } from '#shared/llm/secret-for.ts'
import { keyedOpener } from '#shared/models/keyed-opener.ts'
import { memoryKeyStateStore } from '#shared/models/memory-key-state-store.ts'
import { sharedKeyPool } from '#shared/models/shared-key-pool.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { powertoolsLog } from '#shared/platform/powertools-log.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'
import { type ReplayServer, startReplayServer } from '../../helpers/replay-server.ts'

const KEY = 'sk-PLANTED-9f1c2d3e4b5a'
const HEADER = 'PLANTED-header-77aa'

let server: ReplayServer
beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())

const dump = (thing: unknown): string => {
  const shown = inspect(thing, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true })
  return `${shown}${JSON.stringify(thing, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`
}

/** Every form that a secret has, for a server that quotes the key in whatever it answers. */
const FORMS: [form: string, settings: LlmSettings, secret: () => unknown][] = [
  ['openai, with a base URL', { provider: 'openai', model: 'm' }, () => ({ apiKey: KEY, baseUrl: server.url })],
  [
    'several keys',
    { provider: 'openai', model: 'm' },
    () => ({ keys: [{ apiKey: KEY, requestsPerMinute: 60 }, { apiKey: `${KEY}2` }], baseUrl: server.url }),
  ],
  ['azure', { provider: 'azure', model: 'm' }, () => ({ apiKey: KEY, baseUrl: server.rootUrl, apiVersion: '2024-10-21' })],
  [
    'custom, with headers',
    { provider: 'custom', model: 'm' },
    () => ({ apiKey: KEY, baseUrl: server.url, headers: { 'x-gateway': HEADER } }),
  ],
  ['anthropic', { provider: 'anthropic', model: 'm' }, () => ({ apiKey: KEY, baseUrl: server.rootUrl })],
  ['google', { provider: 'google', model: 'm' }, () => ({ apiKey: KEY, baseUrl: server.rootUrl })],
  [
    'ollama, behind a proxy',
    { provider: 'ollama', model: 'm', service: 'ollama' },
    () => ({ apiKey: KEY, baseUrl: server.rootUrl }),
  ],
]

describe.each(FORMS)('a planted key: %s', (_, settings, secret) => {
  it.each([401, 429, 500])('is sent, and shows nowhere when the provider quotes it in a %i', async (status) => {
    const echo = { error: { message: `no such key ${KEY} ${HEADER}`, type: KEY, code: KEY, status: KEY }, message: KEY }
    server.reply({
      status,
      headers: { 'content-type': 'application/json', 'x-request-id': 'req' },
      chunks: [JSON.stringify(echo)],
    })
    const before = server.requests.length
    const lines: string[] = []
    const catchLines = (line: unknown) => void lines.push(String(line))
    for (const level of ['info', 'warn', 'error', 'debug', 'log'] as const)
      vi.spyOn(console, level).mockImplementation(catchLines)
    const log = powertoolsLog('test')
    const states = memoryKeyStateStore()
    const service = settings.service ?? settings.provider
    const secrets = memorySecretStore({ [`p-${service}-secret`]: JSON.stringify(secret()) })
    const keys = providerKeys({ secrets, platform: 'p' })
    const pool = sharedKeyPool({ keys, states, buckets: memoryBucketStore(), clock: systemClock, log })
    const openVendor = vendorOpener({
      secretFor: secretFor({ secrets, platform: 'p' }),
      secretName: keys.secretName,
      modelHosts: [],
    })
    const open = keyedOpener({ pool, openVendor })

    const provider = await open(settings, { waits: false })
    const { error } = await outcomeOf(provider.stream(llmRequest('hi', { model: 'm' }), never()))
    for (const level of ['info', 'warn', 'error'] as const)
      log[level]('key_paused', { error, provider, keys: await pool.open(service) })

    // Sent it was: or nothing here would prove anything.
    expect(JSON.stringify(server.requests.slice(before).map(({ headers, path }) => ({ headers, path })))).toContain(KEY)
    expect(error).toBeInstanceOf(Error)
    expect(lines.length).toBeGreaterThanOrEqual(3)
    const seen = [
      dump(error),
      dump(provider),
      dump(pool),
      dump(keys),
      dump(await pool.open(service)),
      dump(await states.list(service)),
    ]
    expect([...seen, ...lines].join('\n')).not.toContain('PLANTED')
  })
})

describe('a malformed secret', () => {
  it.each([
    `{"apiKey":"${KEY}"`,
    `{"key":"${KEY}"}`,
    `two ${KEY}`,
    `{"keys":[{"apiKey":"${KEY}","weight":"${KEY}"}]}`,
    `{"apiKey":"${KEY}","baseUrl":"${KEY}"}`,
  ])('is named and not quoted: form %#', (text) => {
    const thrown = (() => {
      try {
        return parseProviderKeys('the-secret', 'openai', text)
      } catch (error) {
        return error
      }
    })()

    expect(thrown).toMatchObject({ name: 'InvalidSecretError' })
    expect(dump(thrown)).not.toContain('PLANTED')
  })
})
