import type { SluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** What callers may see of an error that ended or interrupted an execution. */
export const shownError = (error: SluiceError): { code: ErrorCode; detail: string } => ({
  code: error.code,
  detail: error.expose ? error.message : 'an internal error; the log of the function has it under the execution id',
})
