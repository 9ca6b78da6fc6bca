import type { Clock } from '#shared/platform/clock.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import type { VerifiedPrincipal } from './verified-principal.ts'

/** How long a socket of nobody stays good, in milliseconds. */
const SESSION_MS = 12 * 3_600_000

/** Who calls without credentials where authentication is off, which it can be on a developer's machine alone. */
export const anonymousPrincipal = (tenant: string, clock: Clock): VerifiedPrincipal => ({
  subject: 'anonymous',
  tenant,
  scopes: SCOPES,
  roles: ['admin'],
  credential: { kind: 'none' },
  expiresAt: clock.now() + SESSION_MS,
})
