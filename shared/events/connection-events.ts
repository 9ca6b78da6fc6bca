import type { KnownConnection } from '#shared/streams/connection-store.ts'
import { type Fact, fact } from './fact.ts'

/** Somebody is connected. */
export const connectionOpened = (connection: KnownConnection): Fact => ({
  tenant: connection.principal.tenant,
  event: fact('connection.opened', subjectOf(connection, connection.connectedAt), dataOf(connection)),
})

/** @param at - when it was closed, RFC 3339 */
export function connectionClosed(connection: KnownConnection, at: string): Fact {
  const durationMs = Math.max(0, Date.parse(at) - Date.parse(connection.connectedAt))
  const data = { ...dataOf(connection), durationMs }
  return { tenant: connection.principal.tenant, event: fact('connection.closed', subjectOf(connection, at), data) }
}

const subjectOf = ({ principal, connectionId }: KnownConnection, time: string) => ({
  tenant: principal.tenant,
  source: `/connections/${encodeURIComponent(connectionId)}`,
  time,
})

const dataOf = ({ connectionId, principal, protocol }: KnownConnection) => ({
  connectionId,
  subject: principal.subject,
  protocol,
})
