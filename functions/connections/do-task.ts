import pLimit from 'p-limit'
import type { ExportDependencies, ExportTask } from '#shared/audit/export-audit.ts'
import type { TenantGate } from '#shared/limits/tenant-gate.ts'
import type { ConnectionTask } from '#shared/streams/connection-task-queue.ts'
import { type ForgetDependencies, forgetConnection } from '#shared/streams/forget-connection.ts'
import type { LogSenderDependencies } from '#shared/streams/log-sender.ts'
import { type OpenConnectionDependencies, openConnection } from '#shared/streams/open-connection.ts'
import { postPatiently } from '#shared/streams/post-patiently.ts'
import type { PresenceStore } from '#shared/streams/presence-store.ts'
import { sendShard } from '#shared/streams/send-shard.ts'
import { isKnown } from './decode-change.ts'

export type TaskDependencies = LogSenderDependencies &
  OpenConnectionDependencies &
  ForgetDependencies & {
    presence: PresenceStore
    tenants: Pick<TenantGate, 'isClosed'>
    /** Loaded with the first export. */
    auditing(): Promise<ExportDependencies>
  }

/** Posts of a broadcast that are made at once. */
const POSTS_AT_ONCE = 20
/** A socket lives for two hours at the most (limit of API Gateway); what is counted for longer has ended without a word. */
const LONGEST_LIFE_MS = 2 * 3_600_000 + 10 * 60_000

/**
 * Does one task. Repeatable.
 *
 * @param signal - aborts shortly before the invocation ends
 */
export async function doTask(dependencies: TaskDependencies, task: ConnectionTask, signal: AbortSignal): Promise<void> {
  switch (task.task) {
    case 'send':
      return sendShard(dependencies, task)
    case 'open':
      return open(dependencies, task.connectionId, signal)
    case 'require_identity':
      return requireIdentity(dependencies, task.connectionId, signal)
    case 'close':
      return close(dependencies, task, signal)
    case 'close_key':
      return closeKey(dependencies, task, signal)
    case 'broadcast':
      return broadcast(dependencies, task, signal)
    case 'export_audit':
      return exportAudit(dependencies, task, signal)
    case 'repair':
      return dependencies.presence.repair(task.tenant, dependencies.clock.now() - LONGEST_LIFE_MS, signal)
  }
}

/** Not for a tenant that is closed: its files would be written behind its erasure. */
async function exportAudit({ auditing, tenants }: TaskDependencies, task: ExportTask, signal: AbortSignal): Promise<void> {
  if (await tenants.isClosed(task.tenant)) return
  const [{ makeExport }, exporter] = await Promise.all([import('#shared/audit/export-audit.ts'), auditing()])
  await makeExport(exporter, task, signal)
}

async function open(dependencies: TaskDependencies, connectionId: string, signal: AbortSignal): Promise<void> {
  const connection = await dependencies.connections.get(connectionId)
  if (connection && isKnown(connection)) await openConnection(dependencies, connection, signal)
}

async function requireIdentity(dependencies: TaskDependencies, connectionId: string, signal: AbortSignal): Promise<void> {
  const connection = await dependencies.connections.get(connectionId)
  if (connection && isKnown(connection)) return
  // A socket that nobody remembers would stay open for hours.
  await dependencies.poster.close(connectionId)
  await forgetConnection(dependencies, connectionId, signal)
}

/** Only while it is that tenant's. */
async function close(
  dependencies: TaskDependencies,
  { tenant, connectionId }: Extract<ConnectionTask, { task: 'close' }>,
  signal: AbortSignal,
): Promise<void> {
  const connection = await dependencies.connections.get(connectionId)
  if (connection?.principal?.tenant !== tenant) return
  await dependencies.poster.close(connectionId)
  await forgetConnection(dependencies, connectionId, signal)
}

/** Repeatable: those that it has closed are not there any more. */
async function closeKey(
  dependencies: TaskDependencies,
  { tenant, keyId }: Extract<ConnectionTask, { task: 'close_key' }>,
  signal: AbortSignal,
): Promise<void> {
  const limit = pLimit(POSTS_AT_ONCE)
  for await (const connectionIds of dependencies.presence.connections(tenant)) {
    signal.throwIfAborted()
    const looks = connectionIds.map((connectionId) =>
      limit(async () => {
        const { credential } = (await dependencies.connections.get(connectionId))?.principal ?? {}
        if (credential?.kind !== 'api_key' || credential.id !== keyId) return
        await close(dependencies, { task: 'close', tenant, connectionId }, signal)
      }),
    )
    await Promise.all(looks)
  }
}

type Broadcast = Extract<ConnectionTask, { task: 'broadcast' }>

/**
 * Only to connections that are still the tenant's to post to: ids are never given twice, but tokens end. Whoever came with a ticket for one
 * channel hears that one and nothing else.
 */
async function broadcast(dependencies: TaskDependencies, { tenant, connectionIds, frame }: Broadcast, signal: AbortSignal) {
  const { connections, poster, clock } = dependencies
  const limit = pLimit(POSTS_AT_ONCE)
  const posts = connectionIds.map((connectionId) =>
    limit(async () => {
      const connection = await connections.get(connectionId)
      const { principal, protocol } = connection ?? {}
      if (principal?.tenant !== tenant || principal.expiresAt <= clock.now() || protocol !== 'sluice.v1') return
      if (principal.onlyChannel !== undefined) return
      const { status } = await postPatiently(poster, connectionId, frame, { signal })
      if (status === 'gone') await forgetConnection(dependencies, connectionId, signal)
    }),
  )
  await Promise.all(posts)
}
