import { authenticate, type Credentials } from '#shared/access/authenticate.ts'
import { mayFollow } from '#shared/access/require-channel.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { ForbiddenError, UnauthorizedError } from '#shared/platform/errors.ts'
import type { KnownConnection } from '#shared/streams/connection-store.ts'
import { checkAccess } from './check-access.ts'
import type { Incoming } from './incoming.ts'
import { requireRoom } from './require-room.ts'

/**
 * Takes a ticket, a token, or an API key on an open socket: it says who is there, or prolongs the connection of the same subject and tenant with all that it
 * follows. What its address asked for begins when the change of the connection is seen.
 *
 * @throws UnauthorizedError for a bad one; ForbiddenError when it is somebody else's; whatever the handshake would be refused with for
 *   what the address asks for
 */
export async function authenticateConnection(incoming: Incoming, credentials: Credentials): Promise<KnownConnection> {
  const { dependencies, connection } = incoming
  const { connectionId, opening } = connection
  const principal = await authenticate({ ...credentials, address: incoming.origin.address }, dependencies)
  if (!connection.principal) {
    await requireRoom(dependencies, principal)
    await Promise.all(opening.map(({ channel }) => checkAccess(dependencies, principal, channel)))
  }
  switch (await dependencies.connections.authenticate(connectionId, principal)) {
    case 'authenticated':
      if (connection.principal) await prolong(incoming, principal)
      return { ...connection, principal }
    case 'foreign':
      throw new ForbiddenError('the credentials are of another subject or tenant than the connection')
    case 'gone':
      throw new UnauthorizedError('the connection is closed')
  }
}

/** What the new token has no scope for keeps its old end. */
async function prolong({ dependencies, connection }: Incoming, principal: VerifiedPrincipal): Promise<void> {
  const { connectionId } = connection
  const followed = await dependencies.connections.subscriptions(connectionId)
  const allowed = followed.filter(({ channel }) => mayFollow(principal, channel))
  await Promise.all(
    allowed.map((place) =>
      dependencies.subscriptions.prolong(place, { connectionId, operation: place.operation }, principal.expiresAt),
    ),
  )
}
