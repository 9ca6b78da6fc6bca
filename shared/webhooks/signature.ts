import { createHmac, hkdfSync } from 'node:crypto'

const KEY_BYTES = 32
/** Says to every library what kind of key it is. */
const KEY_PREFIX = 'whsec_'

/**
 * The key that a tenant's callbacks and webhooks are signed with, as libraries for Standard Webhooks take it. It follows from the platform's
 * secret and the tenant (HKDF, RFC 5869), so there is nothing to store, and who knows one key knows no other.
 */
export function signingKeyOf(secret: string, tenant: string): string {
  const key = hkdfSync('sha256', secret, '', `sluice/webhooks/${tenant}`, KEY_BYTES)
  return KEY_PREFIX + Buffer.from(key).toString('base64')
}

export type Letter = {
  /** The same in every attempt, so that the receiver can tell what it knows already. */
  id: string
  /** Seconds since the epoch; a receiver refuses what is too old. */
  timestamp: number
  body: string
}

/**
 * The headers that prove where a letter comes from. Source: Standard Webhooks 1.0, "Signature scheme".
 *
 * @param key - `whsec_` and base64
 */
export function signedHeaders({ id, timestamp, body }: Letter, key: string): Record<string, string> {
  const bytes = Buffer.from(key.slice(KEY_PREFIX.length), 'base64')
  const signature = createHmac('sha256', bytes).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` }
}
