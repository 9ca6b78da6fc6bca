import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import OpenAI, { type ClientOptions } from 'openai'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { functionUrlEvent } from '../../localstack/front-door/function-url/event.ts'
import { ResponseStream } from '../../localstack/front-door/function-url/response-stream.ts'
import { FUNCTION_ARN, streamDoor } from './stream-door.ts'

export type OpenAiDoor = Awaited<ReturnType<typeof openAiDoor>>

/** The function `stream` behind a server of its own, as OpenAI's library is pointed at it. Close it with `close`. */
export async function openAiDoor(options: Parameters<typeof streamDoor>[0] = {}) {
  const door = await streamDoor(options)
  const invocations = new Set<Promise<void>>()
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const invocation = buffer(request)
      .then((body) =>
        door.handler(functionUrlEvent(request, body, Date.now()), new ResponseStream(response), {
          awsRequestId: 'req-1',
          getRemainingTimeInMillis: () => 900_000,
          invokedFunctionArn: `${FUNCTION_ARN}:openai`,
        }),
      )
      // The caller is gone before its body is here.
      .catch(() => undefined)
    invocations.add(invocation)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    ...door,
    url,
    requests,
    /** OpenAI's library, with the token of a caller. */
    async client(principal: Partial<VerifiedPrincipal> = {}, more: ClientOptions = {}): Promise<OpenAI> {
      const { 'x-sluice-authorization': bearer } = await door.bearer(principal)
      return new OpenAI({ baseURL: `${url}/openai/v1`, apiKey: bearer.replace('Bearer ', ''), ...more })
    },
    /** A request that no library would make. */
    async post(body: string, headers: Record<string, string> = {}): Promise<Response> {
      const { 'x-sluice-authorization': authorization } = await door.bearer()
      const init = { method: 'POST', body, headers: { authorization, 'content-type': 'application/json', ...headers } }
      return fetch(`${url}/openai/v1/chat/completions`, init)
    },
    /** All invocations are over, whoever has gone away. */
    idle: async () => void (await Promise.all(invocations)),
    async close() {
      server.closeAllConnections()
      server.close()
      await Promise.all(invocations)
    },
  }
}
