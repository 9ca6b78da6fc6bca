import { isOAuthSecret } from '#shared/llm/oauth-client.ts'
import { type ProviderSecret, writeProviderSecret } from '#shared/llm/provider-secret.ts'
import { CliError, UsageError } from '../errors.ts'
import type { KeyVault } from './key-vault.ts'
import { readSecret } from './read-secret.ts'

/** What is said of a key besides its value. */
export interface KeyTerms {
  requestsPerMinute?: number | undefined
  tokensPerMinute?: number | undefined
  weight?: number | undefined
}

export interface NewKey {
  service: string
  /** The key, or the whole secret as JSON. */
  value: string
  /** What happens when the service has keys; undefined: nothing may happen to them. */
  mode: 'add' | 'replace' | undefined
  baseUrl?: string | undefined
  apiVersion?: string | undefined
  terms: KeyTerms
}

/** How many keys a service has after the change. */
export type KeyCount = { keys: number; created: boolean }

/** Services that have no address of their own, each with what one looks like. */
const ADDRESSED: ReadonlyMap<string, string> = new Map([
  ['azure', 'https://<resource>.openai.azure.com'],
  ['custom', 'https://llm.example.com/v1'],
])

/**
 * Puts a key into the secret of its service, beside those that are there or in their place.
 *
 * @throws UsageError when the service has keys and nobody said what is to happen to them; CliError when a secret has another shape
 */
export async function setKey(vault: KeyVault, key: NewKey): Promise<KeyCount> {
  const { service, value, mode, baseUrl, apiVersion, terms } = key
  const before = await vault.read(service)
  if (before !== undefined && mode === undefined)
    throw new UsageError(`the service "${service}" has keys already`, 'say --add or --replace')
  if (isOAuthSecret(value)) return setClient(vault, key, before === undefined)
  const standing = before === undefined ? undefined : readSecret(service, before)
  if (mode === 'add' && before !== undefined && standing === undefined)
    throw new CliError('malformed_secret', `the secret of "${service}" is malformed`, 'write it anew with --replace')

  const given = read(service, value)
  const keys = given.keys.map((key) => ({ ...key, ...defined(terms) }))
  const access = { ...accessOf(standing), ...accessOf(given), ...defined({ baseUrl, apiVersion }) }
  if (mode === 'add' && standing && access.baseUrl !== standing.baseUrl)
    throw new UsageError('all keys of a service are for one address', 'use another service, or --replace')
  if (ADDRESSED.has(service) && access.baseUrl === undefined)
    throw new UsageError(`keys of "${service}" are for no address yet`, `add --base-url ${ADDRESSED.get(service)}`)
  const secret: ProviderSecret = { ...access, keys: [...(mode === 'add' ? (standing?.keys ?? []) : []), ...keys] }
  const text = writeProviderSecret(secret)
  const { length } = read(service, text).keys
  await vault.write(service, text)
  return { keys: length, created: before === undefined }
}

/** A client of OAuth says itself where it goes, and stands alone in its secret. */
async function setClient(
  vault: KeyVault,
  { service, value, mode, baseUrl, apiVersion, terms }: NewKey,
  created: boolean,
): Promise<KeyCount> {
  if (mode === 'add') throw new UsageError('a client of OAuth stands alone in its secret', 'use another service, or --replace')
  if (Object.keys(defined({ baseUrl, apiVersion, ...terms })).length > 0)
    throw new UsageError('the secret of a client of OAuth says all there is to say', 'leave the other options out')
  await vault.write(service, value)
  return { keys: 1, created }
}

/** @throws CliError, which does not quote what it read */
function read(service: string, value: string): ProviderSecret {
  const secret = readSecret(service, value)
  if (secret) return secret
  throw new CliError(
    'malformed_secret',
    'this is no key that can be used',
    'give a key alone, or {"keys": [{"apiKey": "…"}], "baseUrl": "https://…"}; limits are whole numbers, a base URL has http or https',
  )
}

const accessOf = ({ keys: _, ...access }: ProviderSecret = { keys: [] }) => defined(access)

const defined = <Fields extends object>(fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
