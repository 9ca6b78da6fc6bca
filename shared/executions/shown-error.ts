import type { SluiceError } from '#shared/platform/errors.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'

/** Longest text of an error, in UTF-16 code units: it stands in the record and in a frame, and inputs and models may have written parts of it. */
const MAX_DETAIL = 4_000

/** What callers may see of an error that ended or interrupted an execution. */
export const shownError = (error: SluiceError): { code: ErrorCode; detail: string } => ({
  code: error.code,
  detail: error.expose ? shortened(error.message) : 'an internal error; the log of the function has it under the execution id',
})

const shortened = (text: string): string =>
  text.length <= MAX_DETAIL ? text : `${text.slice(0, MAX_DETAIL - 1).toWellFormed()}…`
