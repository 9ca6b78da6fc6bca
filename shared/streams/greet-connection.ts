import { type Clock, sleep, timestamp } from '#shared/platform/clock.ts'
import type { ConnectionPoster } from './connection-poster.ts'
import type { Connection, ConnectionStore } from './connection-store.ts'
import { encodeFrame } from './event-frames.ts'
import { postPatiently } from './post-patiently.ts'

export type GreetDependencies = { connections: Pick<ConnectionStore, 'greet'>; poster: ConnectionPoster; clock: Clock }

/** Pause before a socket that may not be open yet is tried again, in milliseconds. */
const OPENING_PAUSE_MS = 100

/**
 * Greets a connection with `connection_established`, once, whoever of many gets to it first.
 *
 * @param time.patientUntil - until then a socket that looks closed may not be open yet; milliseconds since the epoch
 */
export async function greetConnection(
  { connections, poster, clock }: GreetDependencies,
  { connectionId, greeted, protocol }: Connection,
  { signal, patientUntil = 0 }: { signal: AbortSignal; patientUntil?: number },
): Promise<void> {
  if (greeted || !(await connections.greet(connectionId))) return
  const payload = { connectionId, protocol, time: timestamp(clock) }
  const frame = encodeFrame({ message_type: 'connection_established', payload })
  for (;;) {
    const { status } = await postPatiently(poster, connectionId, frame, { signal })
    if (status !== 'gone' || clock.now() >= patientUntil || signal.aborted) return
    await sleep(OPENING_PAUSE_MS, signal).catch(() => undefined)
  }
}
