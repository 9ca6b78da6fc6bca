import { ForbiddenError } from '#shared/platform/errors.ts'
import type { Scope } from '#shared/protocol/scopes.ts'
import type { Principal } from './principal.ts'

/** @throws ForbiddenError when the principal lacks the scope, or is bound to one channel: that it follows, and nothing else */
export function requireScope(principal: Pick<Principal, 'scopes' | 'onlyChannel'>, scope: Scope): void {
  requireUnbound(principal)
  if (!principal.scopes.includes(scope)) throw new ForbiddenError(`this needs the scope "${scope}"`)
}

/** For what needs no scope. @throws ForbiddenError when the principal is bound to one channel */
export function requireUnbound({ onlyChannel }: Pick<Principal, 'onlyChannel'>): void {
  if (onlyChannel !== undefined) throw new ForbiddenError('this ticket follows one execution, and nothing else')
}
