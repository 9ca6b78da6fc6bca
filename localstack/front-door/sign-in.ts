import type { IncomingMessage, ServerResponse } from 'node:http'
import { ForbiddenError, SluiceError, toSluiceError, ValidationError } from '#shared/platform/errors.ts'
import { MethodNotAllowedError } from '#shared/platform/method-not-allowed-error.ts'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { type LocalSignIn, localSignInSchema } from '#shared/protocol/local-sign-in.ts'
import { sendProblem } from './problem.ts'
import { isOwnRequest } from './same-origin.ts'

/** Gives an access token of the local stage. */
export type SignIn = (request: LocalSignIn) => Promise<string>

const MAX_BYTES = 4_096

/**
 * Signs a developer in, on his own machine. `GET` says that this is possible; `POST` gives a token to the console of this very origin, which must say
 * where it is from: whatever another page can send without asking, a form or a plain text, is refused.
 */
export async function serveSignIn(request: IncomingMessage, response: ServerResponse, signIn: SignIn): Promise<void> {
  try {
    if (!isOwnRequest(request)) throw new ForbiddenError('this is for the console of this machine')
    if (request.method === 'GET') return send(response, 200, { signIn: true })
    if (request.method !== 'POST') throw new MethodNotAllowedError(request.method ?? '', ['GET', 'POST'])
    if (request.headers.origin === undefined) throw new ForbiddenError('this is for the console of this machine')
    if (!/^application\/json(;|$)/i.test(request.headers['content-type'] ?? ''))
      throw new ValidationError('send JSON, with its content-type')
    const asked = parse(localSignInSchema, parseJson(await read(request), 'request body'), 'request body')
    send(response, 201, { token: await signIn(asked) })
  } catch (error) {
    sendProblem(response, toSluiceError(error))
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MAX_BYTES) throw new SluiceError('payload_too_large', `the body has ${MAX_BYTES} bytes at the most`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
