import type { Origin } from '#shared/audit/auditor.ts'
import { UnauthorizedError } from '#shared/platform/errors.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { Connection, KnownConnection } from '#shared/streams/connection-store.ts'
import { encodeFrame } from '#shared/streams/event-frames.ts'
import { postPatiently } from '#shared/streams/post-patiently.ts'
import type { SocketDependencies } from './dependencies.ts'
import type { FrameRecord } from './frame-record.ts'

/** What a frame is handled with: who sent it, and until when there is time. */
export type Incoming = {
  dependencies: SocketDependencies
  connection: Connection
  signal: AbortSignal
  /** Where the client is, as the gateway saw it. */
  origin: Origin
  record: FrameRecord
}
/** The same of a connection whose principal is known. */
export type KnownIncoming = Incoming & { connection: KnownConnection }

/**
 * A socket outlives its handshake by hours: who it is, and until when, is checked with every frame.
 *
 * @throws UnauthorizedError
 */
export function requireIdentity(incoming: Incoming): KnownIncoming {
  const { connection, dependencies } = incoming
  const { principal } = connection
  if (!principal) throw new UnauthorizedError('send an "authenticate" frame with a ticket first')
  requireTime(incoming)
  return { ...incoming, dependencies, connection: { ...connection, principal } }
}

/** @throws UnauthorizedError when the token that the connection lives by has ended */
export function requireTime(incoming: Incoming): void {
  if (!isOver(incoming)) return
  throw new UnauthorizedError('the access token of this connection has expired; connect again with a new ticket')
}

/** Whether the token that the connection lives by has ended. */
export const isOver = ({ connection: { principal }, dependencies: { clock } }: Incoming): boolean =>
  principal !== undefined && principal.expiresAt <= clock.now()

/** Posts a frame to whoever sent one. */
export async function reply({ dependencies, connection, signal }: Incoming, frame: ServerFrame): Promise<void> {
  await postPatiently(dependencies.poster, connection.connectionId, encodeFrame(frame), { signal })
}
