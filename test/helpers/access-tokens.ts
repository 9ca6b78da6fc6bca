import { Buffer } from 'node:buffer'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token as clients see it: its claims can be read, its signature is none. */
export function unsignedToken(claims: { sub?: string; tenant?: string; scope?: string; exp?: number } = {}): string {
  return `${part({ alg: 'none' })}.${part({ sub: 'ann', tenant: 'acme', scope: 'executions:read', ...claims })}.signature`
}
