import { ROLES, type Role, SCOPES, type Scope } from '#shared/protocol/scopes.ts'

/** What is granted by name: scopes, which may have `*` for either part or stand alone as `*`, and roles. */
export type Grants = { scopes?: readonly string[] | undefined; roles?: readonly string[] | undefined }

const isRole = (name: string): name is Role => Object.hasOwn(ROLES, name)

/** The roles among these names, each once. Those that this version does not know are left out. */
export const knownRoles = (names: readonly string[]): Role[] => [...new Set(names.filter(isRole))]

/** The scopes that follow from these grants, in the order of the table. Those that this version does not know are left out. */
export function expandScopes({ scopes = [], roles = [] }: Grants): Scope[] {
  const ofRoles = new Set<Scope>(knownRoles(roles).flatMap((role) => [...ROLES[role]]))
  const granted = new Set(scopes)
  return SCOPES.filter((scope) => ofRoles.has(scope) || patternsOf(scope).some((pattern) => granted.has(pattern)))
}

/** Every way to write that a scope is granted: `agents:read`, `agents:*`, `*:read`, `*:*` and `*`. */
function patternsOf(scope: Scope): string[] {
  const [resource, action] = scope.split(':')
  return [scope, `${resource}:*`, `*:${action}`, '*:*', '*']
}
