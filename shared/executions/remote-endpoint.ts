import { ValidationError } from '#shared/platform/errors.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { remoteUrl } from './remote-tasks.ts'

/** How long a service has to answer when it is registered, in milliseconds. */
const PATIENCE_MS = 2_000

/**
 * Looks where an endpoint leads before it is registered, so that one inside is refused at once and not with every task. Whether the service
 * is up does not matter yet.
 *
 * @param options.allowPrivateCallbacks - whether addresses of private networks are called; on the stage `local` alone
 * @throws ValidationError when it is not an address that may be called
 */
export async function requireAllowedEndpoint(
  endpoint: string,
  { allowPrivateCallbacks: allowPrivate }: { allowPrivateCallbacks: boolean },
): Promise<void> {
  try {
    await guardedFetch(remoteUrl(endpoint, 'health'), {}, { allowPrivate, timeoutMs: PATIENCE_MS })
  } catch (error) {
    if (error instanceof ValidationError) throw error
  }
}
