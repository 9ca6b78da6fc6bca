/** A connection that is there, and whose. */
export type PresentConnection = { tenant: string; connectionId: string }

/** A connection, or one of its operations, that follows a topic. */
export type TopicFollower = PresentConnection & { topic: string; operation?: string | undefined }

export type PresenceCounts = {
  connections: number
  /** Followers by topic; topics that nobody follows are left out. */
  topics: Record<string, number>
}

/**
 * Who is connected and who follows which topic, as the changes of connections say. Each change may come twice, and in the end counts once: counts
 * and what is counted are written together.
 */
export type PresenceStore = {
  /** Counts a connection that is still open. */
  arrive(connection: PresentConnection): Promise<void>
  leave(connection: PresentConnection): Promise<void>
  /** Counts a subscription that is still noted. */
  follow(follower: TopicFollower): Promise<void>
  unfollow(follower: TopicFollower): Promise<void>
  counts(tenant: string): Promise<PresenceCounts>
  /** Connections of all tenants. */
  total(): Promise<number>
  /** Some connections of a tenant, in no order that means anything. `after` is the last one of the page before; it may be gone by now. */
  page(
    tenant: string,
    page: { limit: number; after?: string | undefined },
  ): Promise<{ connectionIds: string[]; next?: string | undefined }>
  /** Connections of a tenant, page by page. */
  connections(tenant: string): AsyncIterable<string[]>
  /** Whether the caller is to repair the counts of a tenant: true for one caller in each span of time. All in milliseconds. */
  claimRepair(tenant: string, time: { now: number; every: number }): Promise<boolean>
  /** Takes off what was counted before `before`, in milliseconds since the epoch: its end was never told. */
  repair(tenant: string, before: number, signal: AbortSignal): Promise<void>
}
