import pLimit from 'p-limit'
import { type KeyChoice, keyServiceOf } from '#shared/llm/key-service.ts'
import { type Clock, DAY_MS } from '#shared/platform/clock.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { SecretStates } from '#shared/platform/secret-states.ts'
import { vendorSchema } from '#shared/protocol/model.ts'
import type { ProviderView } from '#shared/protocol/provider.ts'
import { BREAKER_STATES, stateOf } from './breaker.ts'
import type { ListedBreaker } from './breaker-store.ts'
import type { KeyState } from './key-state.ts'
import { percentile } from './latencies.ts'
import { countedService } from './latency-reader.ts'
import { addFigures, type LatencyFigures, type LatencyHour, noFigures } from './latency-store.ts'
import type { ProviderStates } from './provider-states.ts'

export type ListProvidersDependencies = ProviderStates & {
  secretStates: SecretStates
  /** Prefix of the secrets' names. */
  platform: string
  clock: Clock
}

/** Secrets that are looked at at once. */
const AT_ONCE = 10

/** A provider with one set of keys. `keyed` where it has any. */
type Listed = { provider: ProviderView['provider']; service: string; keyed: boolean }

/**
 * How a tenant's providers do: those that are named, and those that were called in the last 24 hours.
 *
 * @param named - models of agents; what is no vendor is left out
 */
export async function listProviders(
  { breakers, latencies, keyStates, secretStates, platform, clock }: ListProvidersDependencies,
  tenant: string,
  named: readonly KeyChoice[],
): Promise<ProviderView[]> {
  const now = clock.now()
  const [broken, hours] = await Promise.all([breakers.list(tenant), latencies.list(tenant, now - DAY_MS)])
  const limit = pLimit(AT_ONCE)

  async function view({ provider, service, keyed }: Listed): Promise<ProviderView> {
    const isIt = (key: { provider: string; service: string }) => key.provider === provider && key.service === service
    const own = hours.filter(({ key }) => isIt(key))
    const name = serviceSecretName(platform, service)
    return {
      provider,
      service,
      ...(keyed && { secret: { name, status: (await secretStates.describe(name)).status } }),
      keys: keyed ? (await keyStates.list(service)).map((state) => shownKey(state, now)) : [],
      breaker: worstOf(
        broken.filter(({ key }) => isIt(key)),
        now,
      ),
      latency: { ...figuresOf(own), hours: byHour(own) },
      spend: spendOf(own.filter(({ hour }) => hour >= startOfDay(now))),
    }
  }

  return Promise.all(listed(named, hours).map((one) => limit(() => view(one))))
}

/** Each once, in the order of their names. */
function listed(named: readonly KeyChoice[], hours: readonly LatencyHour[]): Listed[] {
  const called = hours.map(({ key }) => ({ ...key, keyed: key.service !== key.provider || isKeyed(key.provider) }))
  const choices = named.map((choice) => ({
    provider: choice.provider,
    service: countedService(choice),
    keyed: keyServiceOf(choice) !== undefined,
  }))
  // What agents say counts more than a guess by the name, and one that needs a key more than one that does not.
  const all = [...called, ...choices.toSorted((one, other) => Number(one.keyed) - Number(other.keyed))].flatMap(
    ({ provider, service, keyed }): Listed[] => {
      const vendor = vendorSchema.safeParse(provider)
      return vendor.success ? [{ provider: vendor.data, service, keyed }] : []
    },
  )
  const byName = new Map(all.map((one) => [`${one.provider} ${one.service}`, one]))
  return [...byName].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, one]) => one)
}

/** Whether a provider that was called under its own name has keys under it. */
function isKeyed(provider: string): boolean {
  const vendor = vendorSchema.safeParse(provider)
  return vendor.success && keyServiceOf({ provider: vendor.data }) !== undefined
}

const time = (ms: number): string => new Date(ms).toISOString()
const startOfDay = (now: number): number => Math.floor(now / DAY_MS) * DAY_MS
const sum = (hours: readonly LatencyHour[]): LatencyFigures => hours.map(({ figures }) => figures).reduce(addFigures, noFigures())

function spendOf(hours: readonly LatencyHour[]): ProviderView['spend'] {
  const { costMicroUsd } = sum(hours)
  return { todayMicroUsd: costMicroUsd ?? 0, priced: costMicroUsd !== undefined }
}

/** The breaker of the model that does worst. */
function worstOf(broken: readonly ListedBreaker[], now: number): ProviderView['breaker'] {
  const views = broken.map(({ key: { model }, breaker }) => {
    const { failures, openUntil } = breaker
    const state = stateOf(breaker, now)
    return { state, failures, ...(failures > 0 && { model }), ...(openUntil !== undefined && { openUntil: time(openUntil) }) }
  })
  const rank = ({ state }: ProviderView['breaker']): number => BREAKER_STATES.indexOf(state)
  const [worst] = views.toSorted((one, other) => rank(other) - rank(one) || other.failures - one.failures)
  return worst ?? { state: 'closed', failures: 0 }
}

/** A pause that is over is not shown. */
const shownKey = ({ fingerprint, cooldownUntil = 0, reason, lastUsedAt, requestsPerMinute }: KeyState, now: number) => ({
  fingerprint,
  ...(cooldownUntil > now && { cooldownUntil: time(cooldownUntil), ...(reason && { reason }) }),
  ...(lastUsedAt !== undefined && { lastUsedAt: time(lastUsedAt) }),
  ...(requestsPerMinute !== undefined && { requestsPerMinute }),
})

function figuresOf(hours: readonly LatencyHour[]) {
  const figures = sum(hours)
  const [p50Ms, p90Ms] = [percentile(figures, 0.5), percentile(figures, 0.9)]
  return {
    calls: figures.calls,
    errors: figures.errors,
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p90Ms !== undefined && { p90Ms }),
  }
}

const byHour = (hours: readonly LatencyHour[]) =>
  [...Map.groupBy(hours, ({ hour }) => hour)].map(([hour, own]) => ({ time: time(hour), ...figuresOf(own) }))
