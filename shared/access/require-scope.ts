import { ForbiddenError } from '#shared/platform/errors.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import type { Principal } from './principal.ts'

/** @throws ForbiddenError when the principal lacks the scope */
export function requireScope(principal: Principal, scope: Scope): void {
  if (!principal.scopes.includes(scope)) throw new ForbiddenError(`this needs the scope "${scope}"`)
}
