import type { SluiceError } from '#shared/platform/errors.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'
import type { StreamAnswer } from '../stream-answer.ts'

/** An error as OpenAI's clients read it. The codes are ours: they are the same at every door. */
export type OpenAiError = { error: { message: string; type: string; param: string | null; code: string } }

export function openAiError(error: SluiceError): OpenAiError {
  const { detail, code, errors } = toProblem(error)
  return { error: { message: detail, type: typeOf(statusOf(error)), param: errors?.[0]?.path || null, code } }
}

/**
 * Answers with an error. The libraries make most requests again by themselves, up to twice, as their guess at the status says:
 * `x-should-retry` tells them what we know.
 */
export function refuse(answer: StreamAnswer, error: SluiceError, headers: Record<string, string> = {}): void {
  const statusCode = statusOf(error)
  const told = { 'content-type': 'application/json', 'x-should-retry': String(error.retryable) }
  answer.respond({ statusCode, headers: { ...problemHeaders(error), ...told, ...headers } }, JSON.stringify(openAiError(error)))
}

/** What is wrong with a request is a 400 there, which clients tell from the rest. */
const statusOf = ({ status }: SluiceError): number => (status === 422 ? 400 : status)

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
