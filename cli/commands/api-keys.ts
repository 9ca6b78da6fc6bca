import type { ApiKey, ApiKeyList, CreateApiKey, CreatedApiKey } from '#shared/protocol/api-key.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import { parseDuration } from '../duration.ts'
import { UsageError } from '../errors.ts'
import { allPages } from '../pages.ts'
import { formatTable } from '../table.ts'
import { parseRoles, parseScopes } from './token.ts'

type Flags = { scope?: string | undefined; role?: string | undefined; 'expires-in'?: string | undefined }

const PATH = '/v1/api-keys'
const PAGE = '100'

export const apiKeys = defineCommand({
  name: 'api-keys',
  summary: 'Lists API keys, makes one, or revokes one.',
  usage: ['[list]', 'create <name>', 'revoke <id>'],
  description:
    'A key is shown once, on stdout and alone there, so that it can go straight to where it is kept. It can do no more than whoever makes it, and a ' +
    'revoked one is good for five more seconds at the most.',
  options: {
    role: { type: 'string', placeholder: 'roles', help: 'with create: who it is, separated by spaces' },
    scope: { type: 'string', placeholder: 'scopes', help: 'with create: what it may do, separated by spaces' },
    'expires-in': {
      type: 'string',
      placeholder: 'duration',
      help: 'with create: how long it is valid, for instance 90d (for ever)',
    },
  },
  examples: [
    'npx sluice api-keys',
    'npx sluice api-keys create ci --role user --expires-in 90d',
    "npx sluice api-keys create dashboard --scope '*:read' --json",
    'npx sluice api-keys revoke 4fQ7x1mP0aZ9kLw2',
  ],
  async run(values, [verb, ...rest], context) {
    const act = actionOf(verb, rest, values)
    return perform(act, await context.http(values), values, context)
  },
})

function actionOf(verb: string | undefined, [subject, ...more]: string[], values: Flags): Action<HttpCaller> {
  expectNoMore(more, 'api-keys')
  if (verb !== 'create' && (values.role ?? values.scope ?? values['expires-in']) !== undefined)
    throw new UsageError('--role, --scope and --expires-in belong to "create"', 'leave them out')
  switch (verb) {
    case undefined:
    case 'list':
      expectNoMore(subject === undefined ? [] : [subject], 'api-keys list')
      return list
    case 'create':
      if (subject === undefined) throw new UsageError('what is it for?', 'npx sluice api-keys create <name> --role user')
      return create(subject, values)
    case 'revoke':
      if (subject === undefined) throw new UsageError('which one?', 'npx sluice api-keys lists their ids')
      return revoke(subject)
    default:
      throw unknownVerb('api-keys', verb)
  }
}

const list: Action<HttpCaller> = async (http, { signal, stderr }) => {
  const pages = await allPages((cursor) =>
    http<ApiKeyList>(`${PATH}?${new URLSearchParams({ limit: PAGE, ...cursor })}`, { signal }),
  )
  const apiKeys = pages.flatMap((page) => page.apiKeys)
  if (apiKeys.length === 0) stderr.line('there are no API keys')
  return { text: apiKeys.length === 0 ? '' : tableOf(apiKeys), json: { apiKeys } }
}

/** @throws UsageError when nothing says what it may do */
function create(name: string, { role, scope, 'expires-in': age }: Flags): Action<HttpCaller> {
  if (role === undefined && scope === undefined) throw new UsageError('what may it do?', 'give --role or --scope')
  const body: CreateApiKey = {
    name,
    ...(role !== undefined && { roles: parseRoles(role) }),
    ...(scope !== undefined && { scopes: parseScopes(scope) }),
    ...(age !== undefined && { expiresAt: new Date(Date.now() + parseDuration(age, '--expires-in') * 1_000).toISOString() }),
  }
  return async (http, { signal, stderr }) => {
    const created = await http<CreatedApiKey>(PATH, { method: 'POST', body, signal })
    stderr.line(`key ${created.keyId}: it is not shown again`)
    return { text: created.key, json: created }
  }
}

const revoke =
  (keyId: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    await http(`${PATH}/${encodeURIComponent(keyId)}`, { method: 'DELETE', signal })
    return { text: `${keyId} revoked`, json: { keyId, revoked: true } }
  }

function tableOf(apiKeys: readonly ApiKey[]): string {
  const rows = apiKeys.map(({ keyId, name, roles, scopes, createdBy, expiresAt, lastUsedAt }) => [
    keyId,
    name,
    [...roles, ...scopes].join(' '),
    createdBy,
    expiresAt ?? 'never',
    lastUsedAt ?? 'never',
  ])
  return formatTable([['ID', 'NAME', 'MAY', 'MADE BY', 'ENDS', 'LAST USED'], ...rows])
}
