import { type Clock, DAY_MS } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { boundedMap } from './bounded-map.ts'

/** How long a count is gone by, in milliseconds: a quota is passed by what comes in that time, and by what the count itself lags behind. */
const MAX_AGE_MS = 5_000
/** Tenants that a container remembers. */
const MAX_TENANTS = 5_000
/** What a tenant may have, and has. */
export type QuotaUsage = { limit: number; used: number }

export type QuotaDependencies = {
  clock: Clock
  log: Log
  /** Open sockets of a tenant. */
  countSockets(tenant: string): Promise<number>
  /** Executions of a tenant since then, in milliseconds since the epoch. */
  countExecutions(tenant: string, since: number): Promise<number>
  maxSockets: number
  maxExecutionsPerDay: number
}

/**
 * What a tenant may have in all. Counts are those that the change streams keep, a few seconds old: nothing is written or locked for a quota,
 * and a tenant may pass it by what it does within those seconds. Where there is no count nothing is refused, and the log says so.
 */
export type Quotas = {
  /** @throws SluiceError `quota_exceeded` */
  requireSocket(tenant: string): Promise<void>
  /** @throws SluiceError `quota_exceeded`, with the time until the day ends */
  requireExecution(tenant: string): Promise<void>
  /** What there is of each; `resetAfter` is the seconds until the day ends in UTC. */
  usage(tenant: string): Promise<{ sockets: QuotaUsage; executionsPerDay: QuotaUsage & { resetAfter: number } }>
}

/** Quotas over what is counted anyway: presence and counters. */
export function countedQuotas(dependencies: QuotaDependencies): Quotas {
  const { clock, log, maxSockets, maxExecutionsPerDay } = dependencies
  const startOfDay = (): number => Math.floor(clock.now() / DAY_MS) * DAY_MS
  const secondsLeft = (): number => Math.ceil((startOfDay() + DAY_MS - clock.now()) / 1_000)
  const sockets = remembered(clock, (tenant) => dependencies.countSockets(tenant))
  const executions = remembered(clock, (tenant) => dependencies.countExecutions(tenant, startOfDay()))

  async function isUsedUp(tenant: string, limit: number, count: (tenant: string) => Promise<number>): Promise<boolean> {
    try {
      return (await count(tenant)) >= limit
    } catch (error) {
      log.warn('quota_open', { tenant, error })
      return false
    }
  }

  return {
    async requireSocket(tenant) {
      if (await isUsedUp(tenant, maxSockets, sockets))
        throw new SluiceError('quota_exceeded', `there are ${maxSockets} connections of this tenant already`)
    },
    async requireExecution(tenant) {
      if (await isUsedUp(tenant, maxExecutionsPerDay, executions)) {
        const retryAfterSeconds = secondsLeft()
        throw new SluiceError('quota_exceeded', `${maxExecutionsPerDay} executions were made today`, { retryAfterSeconds })
      }
    },
    async usage(tenant) {
      const [open, made] = await Promise.all([sockets(tenant), executions(tenant)])
      return {
        sockets: { limit: maxSockets, used: open },
        executionsPerDay: { limit: maxExecutionsPerDay, used: made, resetAfter: secondsLeft() },
      }
    },
  }
}

/** Reads a count of a tenant once in a few seconds, however often it is asked for. */
function remembered(clock: Clock, read: (tenant: string) => Promise<number>): (tenant: string) => Promise<number> {
  const known = boundedMap<string, { count: Promise<number>; until: number }>(MAX_TENANTS)
  return (tenant) => {
    const entry = known.get(tenant)
    if (entry && entry.until > clock.now()) return entry.count
    const count = read(tenant)
    known.set(tenant, { count, until: clock.now() + MAX_AGE_MS })
    // What could not be read is read again by the next request.
    count.catch(() => known.set(tenant, { count, until: 0 }))
    return count
  }
}
