import type { Clock } from '#shared/platform/clock.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import { type ApiKeys, apiKeys } from './api-keys.ts'
import { attemptLimiter } from './attempt-limiter.ts'
import type { AccessDependencies } from './authenticate.ts'
import { memoryApiKeyStore } from './memory-api-key-store.ts'
import { memoryFailedAttempts } from './memory-failed-attempts.ts'
import { memoryTicketStore } from './memory-ticket-store.ts'

/** Failures of an address that are answered as such in a minute. */
const ATTEMPTS_PER_MINUTE = 20

/** Access in one process, for tests: tokens are signed with `secret`. */
export function memoryAccess(secret: string, clock: Clock) {
  const apiKeyStore = memoryApiKeyStore()
  const keys: ApiKeys = apiKeys(apiKeyStore, clock)
  return {
    secrets: memorySecretStore({ 'token-key': secret }),
    tokenSecretName: 'token-key',
    tickets: memoryTicketStore(),
    apiKeyStore,
    apiKeys: async () => keys,
    attempts: attemptLimiter(memoryFailedAttempts(), { perMinute: ATTEMPTS_PER_MINUTE, clock }),
    clock,
  } satisfies AccessDependencies & { apiKeyStore: unknown }
}
