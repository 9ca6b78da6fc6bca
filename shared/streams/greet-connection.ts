import { type Clock, timestamp } from '#shared/platform/clock.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import type { Connection, ConnectionStore } from './connection-store.ts'
import { encodeFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'

export type GreetDependencies = { connections: Pick<ConnectionStore, 'greet'>; poster: ConnectionPoster; clock: Clock }

/** Greets a connection with `connection_established`, once, whoever of many gets to it first. */
export async function greetConnection(
  { connections, poster, clock }: GreetDependencies,
  { connectionId, greeted, protocol }: Connection,
  signal: AbortSignal,
): Promise<void> {
  if (greeted || !(await connections.greet(connectionId))) return
  const payload = { connectionId, protocol, time: timestamp(clock) }
  await postPatiently(poster, connectionId, encodeFrame({ message_type: 'connection_established', payload }), { signal })
}
