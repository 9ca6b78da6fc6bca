import { connectionClosed, connectionOpened } from '#shared/events/connection-events.ts'
import type { Fact } from '#shared/events/fact.ts'
import { type TellFactDependencies, tellFact } from '#shared/events/tell-fact.ts'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import type { ConnectionTaskQueue } from '#shared/streams/connection-task-queue.ts'
import { type ForgetDependencies, forgetConnection } from '#shared/streams/forget-connection.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import { type NotifyDependencies, notifyWebhooks } from '#shared/webhooks/notify.ts'
import { type ConnectionChange, isKnown } from './decode-change.ts'

export type ChangeDependencies = TellFactDependencies &
  ForgetDependencies &
  NotifyDependencies & {
    presence: PresenceStore
    connectionTasks: ConnectionTaskQueue
    tenants: Pick<TenantGate, 'isClosed'>
  }

/** How often the counts of a tenant are repaired, in milliseconds, as long as somebody connects. */
const REPAIR_EVERY_MS = 3_600_000

/**
 * Does what follows from a change. Repeatable: counts know what they counted, facts keep their ids, and tasks may come twice. Of a tenant that is closed
 * nothing is told: it would be written behind its erasure.
 */
export async function handleChange(
  dependencies: ChangeDependencies,
  change: ConnectionChange,
  signal: AbortSignal,
): Promise<void> {
  const { presence, connectionTasks, tenants, clock } = dependencies
  switch (change.kind) {
    case 'opened': {
      const { connectionId, opening, principal } = change.connection
      await presence.arrive({ tenant: principal.tenant, connectionId })
      if (opening.length > 0) await connectionTasks.send([{ task: 'open', connectionId }])
      if (await tenants.isClosed(principal.tenant)) return
      await tell(dependencies, connectionOpened(change.connection))
      if (await presence.claimRepair(principal.tenant, { now: clock.now(), every: REPAIR_EVERY_MS }))
        await connectionTasks.send([{ task: 'repair', tenant: principal.tenant }])
      return
    }
    case 'closed': {
      const { connection, at } = change
      // When its end was not told, as when its time ran out, what it follows is still there.
      await forgetConnection(dependencies, connection.connectionId, signal)
      if (!isKnown(connection)) return
      await presence.leave({ tenant: connection.principal.tenant, connectionId: connection.connectionId })
      if (await tenants.isClosed(connection.principal.tenant)) return
      return tell(dependencies, connectionClosed(connection, at))
    }
    case 'followed':
      return presence.follow(change.follower)
    case 'unfollowed':
      return presence.unfollow(change.follower)
  }
}

async function tell(dependencies: ChangeDependencies, fact: Fact): Promise<void> {
  await tellFact(dependencies, fact)
  await notifyWebhooks(dependencies, fact.tenant, fact.event)
}
