import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { CloudUnreachableError } from './cloud-unreachable-error.ts'
import { sendProblem } from './problem.ts'

/** Headers that speak about one connection and are never passed on (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Longest silence of the other side. An API answers within 30 seconds, and a stream sends a comment every 15. */
const IDLE_TIMEOUT_MS = 60_000

/** How long an unused connection is kept: less than a server keeps it, which would else close it under the next request. Emulators keep it for 5 s. */
const UNUSED_TIMEOUT_MS = 2_000

export type HttpProxy = {
  /** Passes the request on to `target` and its answer back, both as they come. A caller that goes away ends the call. */
  forward(request: IncomingMessage, response: ServerResponse, target: URL): Promise<void>
  close(): void
}

/** @param concurrency - requests that are passed on at the same time; more wait here. No limit when absent */
export function httpProxy(concurrency = Number.POSITIVE_INFINITY): HttpProxy {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency, timeout: UNUSED_TIMEOUT_MS })
  return {
    async forward(request, response, target) {
      try {
        const answer = await send(request, response, target, agent)
        response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers))
        response.flushHeaders()
        await pipeline(answer, response)
      } catch (error) {
        if (!response.destroyed) sendProblem(response, new CloudUnreachableError(target, error))
      }
    },
    close: () => agent.destroy(),
  }
}

async function send(request: IncomingMessage, response: ServerResponse, target: URL, agent: Agent): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const headers = { ...endToEnd(request.headers), host: target.host }
  const outgoing = httpRequest(target, { method: request.method, headers, agent })
  outgoing.once('response', resolve)
  outgoing.once('error', reject)
  outgoing.setTimeout(IDLE_TIMEOUT_MS, () => outgoing.destroy())
  response.once('close', () => outgoing.destroy())
  request.pipe(outgoing)
  return promise
}

export function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)))
}
