import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { epochMs } from '../../delays/statistics.ts'

/** A token left the model: when, and how many characters had left it then. */
export type Emission = { at: number; chars: number }

/** Stands between whoever asks and the model, and writes down when each token passed. One call at a time. */
export type TokenClock = {
  /** Base URL for a provider's secret. */
  url: string
  /** Emissions of the last call. */
  last(): readonly Emission[]
  close(): Promise<void>
}

const chunkSchema = z.object({ choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })) })

export async function startTokenClock(modelUrl: string): Promise<TokenClock> {
  let emissions: Emission[] = []

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    emissions = []
    const path = (incoming.url ?? '').replace(/^\/v1/, '')
    const { method, headers } = incoming
    const outgoing = httpRequest(`${modelUrl}${path}`, { method, headers })
    incoming.pipe(outgoing)
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    let line = ''
    for await (const part of answer) {
      response.write(part)
      const at = epochMs()
      const lines = (line + String(part)).split('\n')
      line = lines.pop() ?? ''
      for (const text of lines) note(text, at)
    }
    response.end()
  }

  function note(line: string, at: number): void {
    if (!line.startsWith('data: {')) return
    const { choices } = chunkSchema.parse(JSON.parse(line.slice('data: '.length)))
    const length = choices[0]?.delta.content?.length ?? 0
    if (length > 0) emissions.push({ at, chars: (emissions.at(-1)?.chars ?? 0) + length })
  }

  const server = createServer((incoming, response) => void pass(incoming, response).catch(() => response.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    last: () => emissions,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
