import type { SluiceError } from '#shared/platform/errors.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'
import type { StreamAnswer } from '../stream-answer.ts'

/** An error in OpenAI's format, with our own codes, which are the same at every door. */
export type OpenAiError = { error: { message: string; type: string; param: string | null; code: string } }

export function openAiError(error: SluiceError): OpenAiError {
  const { detail, code, errors } = toProblem(error)
  return { error: { message: detail, type: typeOf(statusOf(error)), param: errors?.[0]?.path || null, code } }
}

/**
 * Answers with an error. OpenAI's libraries retry up to twice, guessing from the status; the header `x-should-retry` tells them what we know.
 */
export function refuse(answer: StreamAnswer, error: SluiceError, headers: Record<string, string> = {}): void {
  const statusCode = statusOf(error)
  const told = { 'content-type': 'application/json', 'x-should-retry': String(error.retryable) }
  answer.respond({ statusCode, headers: { ...problemHeaders(error), ...told, ...headers } }, JSON.stringify(openAiError(error)))
}

/** OpenAI uses 400 for invalid requests, where we use 422. */
const statusOf = ({ status }: SluiceError): number => (status === 422 ? 400 : status)

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
