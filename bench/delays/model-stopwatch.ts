import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { epochMs } from './statistics.ts'

/** When the model was asked, and when it said its first word; milliseconds since the epoch. */
export type ModelTimes = { askedAt: number; firstTokenAt: number }

export type ModelStopwatch = {
  /** Base URL for the agent's secret. */
  url: string
  /** Times of the last call. */
  last(): ModelTimes
  close(): Promise<void>
}

/** A delta with text in it; the first one of OpenAI's streams is empty. */
const TOKEN = /"content":"[^"]/

/** Stands between the functions and the model, and takes the time that is the model's. One call at a time. */
export async function startModelStopwatch(modelUrl: string): Promise<ModelStopwatch> {
  let times: ModelTimes | undefined

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const askedAt = epochMs()
    const path = (incoming.url ?? '').replace(/^\/v1/, '')
    const { method, headers } = incoming
    const outgoing = httpRequest(`${modelUrl}${path}`, { method, headers })
    incoming.pipe(outgoing)
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    let spoken = false
    for await (const chunk of answer) {
      if (!spoken && TOKEN.test(String(chunk))) {
        spoken = true
        times = { askedAt, firstTokenAt: epochMs() }
      }
      response.write(chunk)
    }
    response.end()
  }

  const server = createServer((incoming, response) => void pass(incoming, response).catch(() => response.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    last() {
      if (!times) throw new Error('the model was not asked')
      return times
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
