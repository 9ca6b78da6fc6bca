import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { auditedPath } from '#shared/audit/audited-path.ts'
import type { SluiceError } from '#shared/platform/errors.ts'
import { problemHeaders, toProblem } from '#shared/platform/problem.ts'

/** Answers with an error of the front door itself, or cuts the connection when an answer is already under way. */
export function sendProblem(response: ServerResponse, error: SluiceError, status: number = error.status): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, problemHeaders(error))
  const asked = { requestId: randomUUID(), path: auditedPath(response.req.url ?? '/') }
  response.end(JSON.stringify({ ...toProblem(error, asked), status }))
}
