import { keyFingerprint } from '#shared/llm/provider-key.ts'
import { type ProviderSecret, writeProviderSecret } from '#shared/llm/provider-secret.ts'
import { CliError } from '../errors.ts'
import type { KeyVault } from './key-vault.ts'
import { readSecret } from './read-secret.ts'

export interface KeyRemoval {
  service: string
  /** Of the key that goes; undefined: all of them, with their secret. */
  fingerprint: string | undefined
  /** Whether the last key of the service may go by its fingerprint. */
  mayBeLast: boolean
  /** Asks whether so many keys are to be left. Throws when they are not. */
  confirm(left: number): Promise<void>
}

/**
 * Removes one key of a service, or all of them: no version of the secret that is in use has them then. A secret without a key is removed itself.
 *
 * @returns how many are left
 * @throws CliError when there is no such key, it is the last one, or the secret changed while the question waited
 */
export async function removeKeys(vault: KeyVault, { service, fingerprint, mayBeLast, confirm }: KeyRemoval): Promise<number> {
  const before = await vault.read(service)
  if (before === undefined)
    throw new CliError('no_key', `the service "${service}" has no keys`, 'npx sluice keys lists those that have')
  const rest = fingerprint === undefined ? undefined : withoutKey(service, before, fingerprint)
  const left = rest?.keys.length ?? 0
  if (fingerprint !== undefined && left === 0 && !mayBeLast)
    throw new CliError(
      'last_key',
      `this is the last key of "${service}": its agents could not call their model any more`,
      'put another one beside it first with "npx sluice keys set --add", or remove all with --all',
    )
  await confirm(left)
  if ((await vault.read(service)) !== before)
    throw new CliError('changed_meanwhile', `the keys of "${service}" have changed meanwhile`, 'look at them, and run it again')
  if (rest === undefined || left === 0) await vault.remove(service)
  else await vault.retract(service, writeProviderSecret(rest))
  return left
}

/** @throws CliError, which quotes nothing of the secret */
function withoutKey(service: string, text: string, fingerprint: string): ProviderSecret {
  const secret = readSecret(service, text)
  if (secret === undefined)
    throw new CliError(
      'malformed_secret',
      `the secret of "${service}" is malformed`,
      'remove it with --all, or write it anew with "npx sluice keys set --replace"',
    )
  const keys = secret.keys.filter(({ apiKey }) => keyFingerprint(service, apiKey) !== fingerprint)
  if (keys.length < secret.keys.length) return { ...secret, keys }
  throw new CliError(
    'no_such_key',
    `the service "${service}" has no key with this fingerprint`,
    'npx sluice keys lists the fingerprints',
  )
}
