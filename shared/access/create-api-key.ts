import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { ForbiddenError, SluiceError, UnauthorizedError, ValidationError } from '#shared/platform/errors.ts'
import { type CreateApiKey, type CreatedApiKey, MAX_API_KEYS } from '#shared/protocol/api-key.ts'
import { SCOPES } from '#shared/protocol/scopes.ts'
import type { ApiKeyStore } from './api-key-store.ts'
import { hashOfApiKey, newApiKeyText } from './api-key-text.ts'
import { expandScopes } from './expand-scopes.ts'
import type { Principal } from './principal.ts'

export type CreateApiKeyDependencies = { apiKeyStore: ApiKeyStore; clock: Clock }

/**
 * Makes a key that can do no more than whoever asks for it, and lives no longer where he is a key himself. Its text is in the answer, and nowhere else.
 *
 * @throws ForbiddenError when it would be more than the caller, UnauthorizedError when he is a key that is revoked; ValidationError for an end in the past, or scopes that name nothing
 * @throws SluiceError `quota_exceeded` when the tenant has `MAX_API_KEYS` already
 */
export async function createApiKey(
  { apiKeyStore, clock }: CreateApiKeyDependencies,
  caller: Principal,
  request: CreateApiKey,
): Promise<CreatedApiKey> {
  const { tenant } = caller
  const { name, roles = [], expiresAt } = request
  const scopes = expandScopes({ scopes: request.scopes })
  requireNoMore(caller, expandScopes({ scopes, roles }), roles)
  if (scopes.length + roles.length === 0) throw new ValidationError('the scopes name nothing that there is')
  const end = await endOf(apiKeyStore, caller, expiresAt)
  if (end !== undefined && Date.parse(end) <= clock.now()) throw new ValidationError('"expiresAt" is in the past')
  if ((await apiKeyStore.count(tenant)) >= MAX_API_KEYS)
    throw new SluiceError('quota_exceeded', `there are ${MAX_API_KEYS} keys already; revoke one`)

  const { keyId, text } = newApiKeyText()
  const apiKey = {
    keyId,
    name,
    subject: `api-key:${keyId}`,
    roles: [...new Set(roles)],
    scopes,
    createdBy: caller.subject,
    createdAt: timestamp(clock),
    ...(end !== undefined && { expiresAt: end }),
  }
  await apiKeyStore.put(tenant, apiKey, hashOfApiKey(text))
  return { ...apiKey, key: text }
}

/** Policies of agents ask for roles by name: whoever has not the role itself gives it only when nothing is kept from him. */
function requireNoMore(caller: Principal, scopes: readonly string[], roles: readonly string[]): void {
  const own = new Set<string>(caller.scopes)
  const missing = scopes.filter((scope) => !own.has(scope))
  if (missing.length > 0) throw new ForbiddenError(`nobody gives more than he has: ${missing.join(', ')}`)
  const isAll = SCOPES.every((scope) => own.has(scope))
  const foreign = roles.find((role) => !isAll && !caller.roles?.includes(role))
  if (foreign !== undefined) throw new ForbiddenError(`nobody gives a role that he has not: ${foreign}`)
}

/** A key that is made by a key ends with it at the latest. */
async function endOf(store: ApiKeyStore, { tenant, credential }: Principal, asked: string | undefined) {
  if (credential?.kind !== 'api_key' || credential.id === undefined) return asked
  const parent = await store.get({ tenant, keyId: credential.id })
  // A moment ago it was good, for whoever had read it before.
  if (!parent) throw new UnauthorizedError('the API key is not valid')
  if (parent.expiresAt === undefined) return asked
  if (asked === undefined) return parent.expiresAt
  if (Date.parse(asked) > Date.parse(parent.expiresAt)) throw new ForbiddenError('a key ends no later than the key that made it')
  return asked
}
