import type { Clock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { KnownConnection } from './connection-store.ts'
import { greetConnection } from './greet-connection.ts'
import { type OpenSubscriptionDependencies, openSubscription } from './open-subscription.ts'

export type OpenConnectionDependencies = OpenSubscriptionDependencies & { clock: Clock }

/** Time after its handshake in which a connection may not be open yet, in milliseconds. */
const OPENING_MS = 2_000

/**
 * Has a connection follow what its address asked for. Repeatable: what it follows already is left alone; what was noted by a call that did
 * not get to its end begins anew.
 *
 * @throws SluiceError `timeout` when the signal aborted first; the call must come again
 */
export async function openConnection(
  dependencies: OpenConnectionDependencies,
  connection: KnownConnection,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = dependencies
  const patientUntil = Math.max(Date.parse(connection.connectedAt) + OPENING_MS, clock.now())
  // Clients of the plain view expect nothing but their events.
  if (!connection.view) await greetConnection(dependencies, connection, { signal, patientUntil })
  const followed = await followedChannels(dependencies, connection.connectionId)
  const wanted = connection.opening.filter(({ channel }) => !followed.includes(channel))
  const results = await Promise.all(
    wanted.map(({ channel, after }) => openSubscription(dependencies, connection, { channel, after, patientUntil, signal })),
  )
  if (results.includes('behind')) throw new SluiceError('timeout', 'what the connection asked for takes too long')
}

async function followedChannels(
  { connections, subscriptions }: OpenConnectionDependencies,
  connectionId: string,
): Promise<string[]> {
  const noted = await connections.subscriptions(connectionId)
  const lists = await Promise.all(noted.map((place) => subscriptions.listLive(place)))
  const isLive = (index: number): boolean => lists[index]?.some((live) => live.connectionId === connectionId) === true
  return noted.filter((_, index) => isLive(index)).map(({ channel }) => channel)
}
