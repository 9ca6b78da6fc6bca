import type { ServerResponse } from 'node:http'
import { ERROR_STATUS, type ErrorCode } from '#shared/protocol/error-codes.ts'
import type { Problem } from '#shared/protocol/problem.ts'

/** An error of the front door itself, in the form that every door's errors have (RFC 9457). */
export function problem(code: ErrorCode, detail: string): Problem {
  const title = code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ')
  return { type: `urn:sluice:error:${code}`, title, status: ERROR_STATUS[code], code, detail }
}

/** Answers with a problem, or cuts the connection when an answer is already under way. */
export function sendProblem(response: ServerResponse, { status, ...body }: Problem): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  response.end(JSON.stringify({ ...body, status }))
}
