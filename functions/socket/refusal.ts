import { fromAwsError } from '#shared/platform/aws-errors.ts'
import { type SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'

/** What was thrown as an error for the client, logged: our failures as errors, refusals as information. */
export function refusal(logger: Log, connectionId: string, thrown: unknown): SluiceError {
  const error = toSluiceError(fromAwsError(thrown, 'the service'))
  const fields = { connectionId, code: error.code }
  if (error.status >= 500) logger.error('request_failed', { ...fields, error })
  else logger.info('request_refused', { ...fields, detail: error.message })
  return error
}
