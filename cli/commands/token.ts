import { expandScopes, knownRoles } from '#shared/access/expand-scopes.ts'
import { ROLES, type Role, SCOPES } from '#shared/protocol/scopes.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import { parseDuration } from '../duration.ts'
import type { CliEnvironment } from '../environment.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { nearest } from '../nearest.ts'
import type { Output } from '../output.ts'

export const token = defineCommand({
  name: 'token',
  summary: 'Makes an access token for the local stage and prints it, or rotates the secret that signs them.',
  usage: ['', 'rotate'],
  description: `Signs it with the secret of the running local cloud. Tokens of other stages are signed by whoever holds their secret.
"rotate" gives the local stage a new secret: tokens of the one before stay good until the next rotation.
Scopes: ${SCOPES.join(' ')}, and agents:*, *:read, *
Roles: ${Object.keys(ROLES).join(' ')}`,
  options: {
    tenant: { type: 'string', default: 'default', placeholder: 'tenant', help: 'whose data it opens (default)' },
    subject: { type: 'string', default: 'cli', placeholder: 'subject', help: 'who is calling (cli)' },
    scope: {
      type: 'string',
      placeholder: 'scopes',
      help: 'what it may do, separated by spaces (everything, unless there is a role)',
    },
    role: { type: 'string', placeholder: 'roles', help: 'who somebody is, separated by spaces' },
    'expires-in': {
      type: 'string',
      default: '1h',
      placeholder: 'duration',
      help: 'how long it is valid: 90s, 15m, 1h30m, 7d (1h)',
    },
  },
  examples: [
    'npx sluice token',
    'npx sluice token --role viewer',
    'npx sluice token rotate',
    `npx sluice token --tenant acme --subject ada --scope 'agents:read executions:read' --expires-in 15m`,
    `curl -H "Authorization: Bearer $(npx sluice token)" http://localhost:8787/v1/agents`,
  ],
  async run(values, positionals, { environment, signal, stdout }) {
    const [verb, ...rest] = positionals
    if (verb === 'rotate') {
      expectNoMore(rest, 'token')
      return rotate(environment, signal, stdout)
    }
    expectNoMore(positionals, 'token')
    const { tenant, subject } = values
    const roles = values.role === undefined ? [] : parseRoles(values.role)
    const scopes = values.scope === undefined ? defaultScopes(roles) : parseScopes(values.scope)
    const expiresInSeconds = parseDuration(values['expires-in'], '--expires-in')
    await checkTenant(tenant)
    if (subject === '' || subject.length > 128)
      throw new UsageError('--subject has 1 to 128 characters', 'name who is calling: --subject ada')

    const { openLocalMint } = await import('../local-token.ts')
    const mint = await openLocalMint(environment, signal)
    const expiresAt = new Date(Date.now() + expiresInSeconds * 1_000).toISOString()
    const accessToken = await mint({ tenant, subject, scopes, ...(roles.length > 0 && { roles }), expiresInSeconds })
    stdout.line(values.json ? JSON.stringify({ token: accessToken, tenant, subject, scopes, roles, expiresAt }) : accessToken)
    return EXIT_CODE.ok
  },
})

const defaultScopes = (roles: readonly Role[]): readonly string[] => (roles.length === 0 ? SCOPES : [])

async function rotate(environment: CliEnvironment, signal: AbortSignal, { line }: Output): Promise<number> {
  const { rotateLocalSecret } = await import('../local-token.ts')
  const name = await rotateLocalSecret(environment, signal)
  line(`${name} has a new value; tokens of the one before stay good until the next rotation`)
  return EXIT_CODE.ok
}

/** Names that exist: scopes, also with wildcards. */
export const parseScopes = (text: string): string[] =>
  parseNames('scope', text, SCOPES, (word) => expandScopes({ scopes: [word] }).length > 0)

export const parseRoles = (text: string): Role[] =>
  knownRoles(parseNames('role', text, Object.keys(ROLES), (word) => knownRoles([word]).length > 0))

function parseNames(what: string, text: string, known: readonly string[], isKnown: (word: string) => boolean): string[] {
  const words = text.split(/[\s,]+/).filter(Boolean)
  const unknown = words.find((word) => !isKnown(word))
  if (unknown === undefined && words.length > 0) return words
  const meant = unknown === undefined ? undefined : nearest(unknown, known)
  throw new UsageError(
    unknown === undefined ? `--${what} is empty` : `there is no ${what} "${unknown}"`,
    meant === undefined ? `use ${known.join(', ')}` : `did you mean "${meant}"?`,
  )
}

async function checkTenant(tenant: string): Promise<void> {
  const { tenantSchema } = await import('#shared/protocol/identifiers.ts')
  const result = tenantSchema.safeParse(tenant)
  if (!result.success)
    throw new UsageError(`--tenant "${tenant}" is no tenant`, result.error.issues[0]?.message ?? 'use letters and digits')
}
