import type { SluiceError } from '#shared/platform/errors.ts'
import type { Failure } from '#shared/protocol/problem.ts'

/** Longest text of an error, in UTF-16 code units: it stands in the record and in a frame, and inputs and models may have written parts of it. */
const MAX_DETAIL = 4_000

/** What callers may see of an error that ended or interrupted an execution. */
export const shownError = ({ code, expose, message, providerFailure }: SluiceError): Failure => ({
  code,
  detail: expose ? shortened(message) : 'an internal error; the log of the function has it under the execution id',
  ...(providerFailure && { provider: providerFailure }),
})

const shortened = (text: string): string =>
  text.length <= MAX_DETAIL ? text : `${text.slice(0, MAX_DETAIL - 1).toWellFormed()}…`
