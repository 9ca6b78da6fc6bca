import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { dynamoModelProviders } from '#shared/models/dynamo-model-providers.ts'
import { dynamoModelSettings } from '#shared/models/dynamo-model-settings.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { type DynamoBackend, dynamoBackends } from '../../helpers/dynamo.ts'
import { type KeyedReply, keyedModelServer } from '../../helpers/keyed-model-server.ts'

const NEVER = new AbortController().signal
const WELL: KeyedReply = { status: 200 }

describe.each(dynamoBackends())('models of many containers on $name', (backend) => contract(backend))

function contract({ connect, tables }: DynamoBackend): void {
  /** Containers of one stage: each has its clients and what it remembers; the tables and the secret are shared, and so is the clock. */
  function aStage(url: string, keys: string[], more: Record<string, unknown> = {}) {
    let later = 0
    const clock = { now: () => Date.now() + later }
    const service = `s-${randomUUID().slice(0, 8)}`
    const name = `sluice-test-${service}-secret`
    const secretOf = (names: string[]): string =>
      JSON.stringify({ baseUrl: url, keys: names.map((apiKey) => ({ apiKey, ...more })) })
    const contents: Record<string, string | readonly [string, string?]> = { [name]: secretOf(keys) }
    const tenant = `t-${randomUUID()}`
    const log = memoryLog()
    const callTimes: { provider: string; model: string; durationMs: number }[] = []
    return {
      log,
      callTimes,
      tenant,
      service,
      settings: { provider: 'openai', model: 'gpt-4o-mini', service } satisfies LlmSettings,
      later: (milliseconds: number) => {
        later += milliseconds
      },
      rotate(names: string[]): void {
        contents[name] = [secretOf(names), secretOf(keys)]
      },
      budgets: dynamoModelSettings(connect(), tables),
      container: (): LlmProviders =>
        dynamoModelProviders({
          client: connect(),
          registryTable: tables.registry,
          streamsTable: tables.streams,
          // Read anew for each container, as a cold start does.
          secrets: memorySecretStore(contents),
          platform: 'sluice-test',
          modelHosts: [],
          stageModel: {},
          callTimes: async () => async (called, durationMs) => void callTimes.push({ ...called, durationMs }),
          clock,
          log,
        }),
    }
  }

  async function ask(providers: LlmProviders, tenant: string, settings: LlmSettings, content = 'hello'): Promise<LlmEvent[]> {
    const model = await providers.open(settings, { tenant, agentId: 'a', executionId: randomUUID(), source: '/principals/ada' })
    const events: LlmEvent[] = []
    const request = { model: settings.model, messages: [{ role: 'user' as const, content }], maxTokens: 10 }
    for await (const event of model.stream(request, NEVER)) events.push(event)
    return events
  }

  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'answered',
      (error: unknown) => toSluiceError(error).code,
    )

  async function inRounds<Result>(count: number, atOnce: number, work: (number: number) => Promise<Result>): Promise<Result[]> {
    const results: Result[] = []
    for (let start = 0; start < count; start += atOnce)
      results.push(...(await Promise.all(Array.from({ length: Math.min(atOnce, count - start) }, (_, at) => work(start + at)))))
    return results
  }

  const countOf = (calls: readonly string[], key: string): number => calls.filter((one) => one === key).length

  it('share 300 calls among the keys that are free, one of three limited, and fail none', async () => {
    const server = await keyedModelServer((key) => (key === 'key-b' ? { status: 429, retryAfter: 120 } : WELL))
    const { container, tenant, settings } = aStage(server.url, ['key-a', 'key-b', 'key-c'])
    const containers = [container(), container(), container()]

    const answers = await inRounds(300, 15, (number) => ask(containers[number % 3] as LlmProviders, tenant, settings))

    expect(answers.every((events) => events.at(-1)?.type === 'stop')).toBe(true)
    const [a = 0, b = 0, c = 0] = ['key-a', 'key-b', 'key-c'].map((key) => countOf(server.calls, key))
    console.log(`300 calls of three containers: ${a} with key-a, ${c} with key-c, ${b} refused with key-b`)
    expect(a + c).toBe(300)
    expect(Math.min(a, c)).toBeGreaterThan(110)
    // Those that were under way when the first was refused, and no more.
    expect(b).toBeLessThanOrEqual(15)
  })

  it('go on with the keys of a secret that is replaced in the middle', async () => {
    const revoked = new Set<string>()
    const server = await keyedModelServer((key) => (revoked.has(key) ? { status: 401 } : WELL))
    const stage = aStage(server.url, ['old-a', 'old-b'])
    const containers = [stage.container(), stage.container()]
    const ten = () => inRounds(10, 5, (number) => ask(containers[number % 2] as LlmProviders, stage.tenant, stage.settings))
    await ten()

    stage.rotate(['new-a', 'new-b'])
    revoked.add('old-a').add('old-b')
    const answers = await ten()

    expect(answers.every((events) => events.at(-1)?.type === 'stop')).toBe(true)
    const after = server.calls.slice(10)
    expect(countOf(after, 'new-a') + countOf(after, 'new-b')).toBe(10)
  })

  it('never pass a limit together, however many calls begin at once', async () => {
    const server = await keyedModelServer(() => WELL)
    const { container, tenant, settings, budgets } = aStage(server.url, ['key'])
    // What one call sets aside is known from one with room for any.
    const limit = async (limitMicroUsd: number) =>
      budgets.budgetDefinitions.put(tenant, 'b', {
        ...{ budgetId: 'b', scope: {}, period: 'day', warnAtPercent: 80, action: 'stop', limitMicroUsd },
      })
    await limit(70)
    const containers = [container(), container()]

    const codes = await inRounds(50, 50, (number) =>
      codeOf(ask(containers[number % 2] as LlmProviders, tenant, settings, 'x'.repeat(40))),
    )

    const answered = codes.filter((code) => code === 'answered').length
    const period = new Date().toISOString().slice(0, 10)
    const sums = await budgets.budgetStore.read({ tenant, budgetId: 'b', period }, Date.now())
    console.log(
      `50 calls at once: ${answered} made, ${50 - answered} refused; spent ${sums.spentMicroUsd} of 70, set aside ${sums.reservedMicroUsd}`,
    )
    expect(new Set(codes)).toEqual(new Set(['answered', 'budget_exceeded']))
    expect(server.calls).toHaveLength(answered)
    expect(sums.spentMicroUsd).toBeLessThanOrEqual(70)
    expect(sums.spentMicroUsd).toBeGreaterThan(0)
    expect(sums.reservedMicroUsd).toBe(0)
  })

  it('stop asking a provider that fails, all of them, for the tenant that it failed', async () => {
    const server = await keyedModelServer((key) => (key === 'bad' ? { status: 500 } : WELL))
    const bad = aStage(server.url, ['bad'])
    const good = aStage(server.url, ['good'])
    const [one, other] = [bad.container(), bad.container()]
    const failed: string[] = []
    for (let call = 0; call < 5; call++) {
      failed.push(await codeOf(ask(one, bad.tenant, bad.settings)))
      bad.later(1_250)
    }

    const before = server.calls.length
    const refused = await Promise.all([one, other].map((providers) => codeOf(ask(providers, bad.tenant, bad.settings))))
    const otherTenant = await codeOf(ask(other, good.tenant, bad.settings))

    expect(failed).toEqual(Array.from({ length: 5 }, () => 'provider_error'))
    expect([...refused, otherTenant].every((code) => code !== 'answered')).toBe(true)
    // The other tenant's own call went out, and nobody else's.
    expect(server.calls).toHaveLength(before + 1)
    // Told once, by the container that opened it. Timed were the five that failed, and the other tenant's.
    const { tenant, service } = bad
    const opened = bad.log.lines.filter(({ code }) => code === 'breaker_opened')
    const fields = { tenant, service, provider: 'openai', model: 'gpt-4o-mini', until: expect.stringMatching(/^20.*Z$/) }
    expect(opened).toMatchObject([{ level: 'warn', fields }])
    expect(bad.callTimes.map(({ provider, model }) => `${provider} ${model}`)).toEqual(
      Array.from({ length: 6 }, () => 'openai gpt-4o-mini'),
    )
  })

  it('give an answer again in the same pieces, in another container, without a call', async () => {
    const server = await keyedModelServer(() => WELL)
    const { container, tenant, settings } = aStage(server.url, ['key'])
    const cached: LlmSettings = { ...settings, cache: { ttlSeconds: 60 } }

    const first = await ask(container(), tenant, cached)
    const second = await ask(container(), tenant, cached)
    const foreign = await ask(container(), `${tenant}-2`, cached)

    const texts = (events: LlmEvent[]) => events.flatMap((event) => (event.type === 'text' ? [event.text] : []))
    expect(texts(first)).toEqual(['hel', 'lo'])
    expect(texts(second)).toEqual(['hel', 'lo'])
    expect(second.find(({ type }) => type === 'usage')).toMatchObject({ inputTokens: 0, outputTokens: 0, costMicroUsd: 0 })
    expect(texts(foreign)).toEqual(['hel', 'lo'])
    expect(server.calls).toHaveLength(2)
  })
}
