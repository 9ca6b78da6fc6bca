import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandScopes, knownRoles } from '#shared/access/expand-scopes.ts'
import { ROLES, SCOPES } from '#shared/protocol/scopes.ts'

describe('expandScopes', () => {
  it.each<[string[], readonly string[]]>([
    [['*'], SCOPES],
    [['*:*'], SCOPES],
    [['agents:*'], ['agents:read', 'agents:write']],
    [['*:erase'], ['tenant:erase']],
    [['agents:read', 'agents:read'], ['agents:read']],
    [['*:read', 'agents:*'], SCOPES.filter((scope) => scope.endsWith(':read') || scope.startsWith('agents:'))],
    [['agents:rea*', 'agent*', '**', ':', '', 'AGENTS:READ', 'agents:read ', 'constructor', '__proto__'], []],
  ])('%j', (scopes, expected) => {
    expect(expandScopes({ scopes })).toEqual(expected)
  })

  it('adds what follows from roles, and knows no others', () => {
    expect(expandScopes({ roles: ['viewer'] })).toEqual(SCOPES.filter((scope) => ROLES.viewer.includes(scope)))
    expect(expandScopes({ scopes: ['keys:read'], roles: ['user'] })).toContain('keys:read')
    expect(expandScopes({ roles: ['root', 'constructor', '__proto__', 'toString'] })).toEqual([])
    expect(knownRoles(['viewer', 'viewer', 'hasOwnProperty'])).toEqual(['viewer'])
  })

  it('gives known scopes for any names, and never more for fewer', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...SCOPES, '*:read', 'agents:*'))), (names) => {
        const all = expandScopes({ scopes: names, roles: names })
        const some = expandScopes({ scopes: names.slice(1), roles: names.slice(1) })
        expect(SCOPES).toEqual(expect.arrayContaining(all))
        expect(all).toEqual(expect.arrayContaining(some))
      }),
    )
  })
})
