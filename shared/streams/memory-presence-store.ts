import type { Clock } from '#shared/platform/clock.ts'
import type { PresenceStore } from './presence-store.ts'

/** Presence in memory; every change is taken as it comes. */
export function memoryPresenceStore(clock: Clock): PresenceStore {
  const tenants = new Map<string, { connections: Map<string, number>; followers: Map<string, Map<string, number>> }>()
  const repairs = new Map<string, number>()
  const of = (tenant: string) => {
    const found = tenants.get(tenant) ?? { connections: new Map(), followers: new Map() }
    tenants.set(tenant, found)
    return found
  }
  const followersOf = (tenant: string, topic: string): Map<string, number> => {
    const { followers } = of(tenant)
    const found = followers.get(topic) ?? new Map<string, number>()
    followers.set(topic, found)
    return found
  }
  const name = (connectionId: string, operation = ''): string => `${connectionId}#${operation}`
  const forget = (members: Map<string, number>, before: number): void => {
    for (const [member, at] of members) if (at < before) members.delete(member)
  }
  return {
    async arrive({ tenant, connectionId }) {
      of(tenant).connections.set(connectionId, clock.now())
    },
    async leave({ tenant, connectionId }) {
      of(tenant).connections.delete(connectionId)
    },
    async follow({ tenant, topic, connectionId, operation }) {
      followersOf(tenant, topic).set(name(connectionId, operation), clock.now())
    },
    async unfollow({ tenant, topic, connectionId, operation }) {
      followersOf(tenant, topic).delete(name(connectionId, operation))
    },
    async counts(tenant) {
      const { connections, followers } = of(tenant)
      const topics = [...followers].map(([topic, members]): [string, number] => [topic, members.size])
      return { connections: connections.size, topics: Object.fromEntries(topics.filter(([, size]) => size > 0)) }
    },
    async total() {
      return [...tenants.values()].reduce((sum, { connections }) => sum + connections.size, 0)
    },
    async page(tenant, { limit, after = '' }) {
      const behind = [...of(tenant).connections.keys()].toSorted().filter((connectionId) => connectionId > after)
      const connectionIds = behind.slice(0, limit)
      return { connectionIds, next: behind.length > limit ? connectionIds.at(-1) : undefined }
    },
    async *connections(tenant) {
      const ids = [...of(tenant).connections.keys()]
      if (ids.length > 0) yield ids
    },
    async claimRepair(tenant, { now, every }) {
      if (now - (repairs.get(tenant) ?? Number.NEGATIVE_INFINITY) < every) return false
      repairs.set(tenant, now)
      return true
    },
    async repair(tenant, before) {
      const { connections, followers } = of(tenant)
      for (const members of [connections, ...followers.values()]) forget(members, before)
    },
  }
}
