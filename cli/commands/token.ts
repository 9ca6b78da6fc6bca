import { SCOPES, type Scope } from '#shared/protocol/scopes.ts'
import { defineCommand, expectNoMore } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { nearest } from '../nearest.ts'

export const token = defineCommand({
  name: 'token',
  summary: 'Makes an access token for the local stage and prints it.',
  usage: '',
  description: `Signs it with the secret of the running local cloud. Tokens of other stages are signed by whoever holds their secret.
Scopes: ${SCOPES.join(' ')}`,
  options: {
    tenant: { type: 'string', default: 'default', placeholder: 'tenant', help: 'whose data it opens (default)' },
    subject: { type: 'string', default: 'cli', placeholder: 'subject', help: 'who is calling (cli)' },
    scope: { type: 'string', placeholder: 'scopes', help: 'what it may do, separated by spaces (everything)' },
    'expires-in': {
      type: 'string',
      default: '1h',
      placeholder: 'duration',
      help: 'how long it is valid: 90s, 15m, 1h30m, 7d (1h)',
    },
  },
  examples: [
    'npx sluice token',
    `npx sluice token --tenant acme --subject ada --scope 'agents:read executions:read' --expires-in 15m`,
    `curl -H "Authorization: Bearer $(npx sluice token)" http://localhost:8787/v1/agents`,
  ],
  async run(values, positionals, { environment, signal, stdout }) {
    expectNoMore(positionals, 'token')
    const { tenant, subject } = values
    const scopes = values.scope === undefined ? SCOPES : parseScopes(values.scope)
    const expiresInSeconds = parseDuration(values['expires-in'], '--expires-in')
    await checkTenant(tenant)
    if (subject === '' || subject.length > 128)
      throw new UsageError('--subject has 1 to 128 characters', 'name who is calling: --subject ada')

    const { openLocalMint } = await import('../local-token.ts')
    const mint = await openLocalMint(environment, signal)
    const expiresAt = new Date(Date.now() + expiresInSeconds * 1_000).toISOString()
    const accessToken = await mint({ tenant, subject, scopes, expiresInSeconds })
    stdout.line(values.json ? JSON.stringify({ token: accessToken, tenant, subject, scopes, expiresAt }) : accessToken)
    return EXIT_CODE.ok
  },
})

function parseScopes(text: string): Scope[] {
  const words = text.split(/[\s,]+/).filter(Boolean)
  const unknown = words.find((word) => !isScope(word))
  if (unknown === undefined && words.length > 0) return words.filter(isScope)
  const meant = unknown === undefined ? undefined : nearest(unknown, SCOPES)
  throw new UsageError(
    unknown === undefined ? '--scope is empty' : `there is no scope "${unknown}"`,
    meant === undefined ? `use ${SCOPES.join(', ')}` : `did you mean "${meant}"?`,
  )
}

const isScope = (word: string): word is Scope => (SCOPES as readonly string[]).includes(word)

async function checkTenant(tenant: string): Promise<void> {
  const { tenantSchema } = await import('#shared/protocol/identifiers.ts')
  const result = tenantSchema.safeParse(tenant)
  if (!result.success)
    throw new UsageError(`--tenant "${tenant}" is no tenant`, result.error.issues[0]?.message ?? 'use letters and digits')
}
