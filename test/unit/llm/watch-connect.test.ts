import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo, type Server } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { LLM_TIMEOUTS } from '#shared/llm/llm-timeouts.ts'
import { withDeadlines } from '#shared/llm/with-deadlines.ts'
import { sleep } from '#shared/platform/clock.ts'
import { never, outcomeOf } from '../../helpers/llm.ts'

const listening = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

const fetching = (url: string) =>
  async function* (signal: AbortSignal): AsyncGenerator<LlmEvent> {
    const response = await fetch(url, { signal })
    yield { type: 'text', text: await response.text() }
  }

describe('watchConnect', () => {
  it('gives up on who never ends the handshake, long before the first token is due', async () => {
    const port = await listening(net.createServer((socket) => socket.on('error', () => undefined)))

    const { error } = await outcomeOf(
      withDeadlines('p', fetching(`https://127.0.0.1:${port}/`), never(), { ...LLM_TIMEOUTS, connectMs: 50 }),
    )

    expect(error).toMatchObject({ code: 'timeout', message: 'no connection within 50 ms' })
  })

  it('does not take the wait for an answer for dialling, on a new connection or a kept one', async () => {
    const server = http.createServer((_request, response) => void sleep(1_500).then(() => response.end('late')))
    const port = await listening(server)
    const call = () =>
      outcomeOf(withDeadlines('p', fetching(`http://127.0.0.1:${port}/`), never(), { ...LLM_TIMEOUTS, connectMs: 1_000 }))

    expect(await call()).toEqual({ events: [{ type: 'text', text: 'late' }], error: undefined })
    expect(await call()).toEqual({ events: [{ type: 'text', text: 'late' }], error: undefined })
    server.closeAllConnections()
  })
})
