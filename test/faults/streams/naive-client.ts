import type { ExecutionAccepted } from '#shared/protocol/execution.ts'
import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'
import type { CreateClient, PageClient, PageStream } from '../../../bench/streams/campaign/user.ts'
import { INITIAL_STATE } from '../../../web/client/index.ts'

/**
 * A client as one writes it in an afternoon: it shows whatever comes, as it comes, and believes it. It drops nothing, waits for nothing,
 * asks for nothing again, and says that all of it is verified.
 */
export const createNaiveClient: CreateClient = ({ baseUrl, token }): PageClient => {
  async function call<Answer>(path: string, body?: unknown): Promise<Answer> {
    const headers = { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' }
    const response = await fetch(`${baseUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) ?? null })
    return response.json() as Promise<Answer>
  }

  function execution(executionId: string, { after = -1 }: { after?: number } = {}): PageStream {
    const events: ExecutionEvent[] = []
    const done = Promise.withResolvers<{ text: string; verified: boolean }>()
    const text = (): string => events.map((event) => (event.type === 'content_chunk' ? event.data.text : '')).join('')
    void listen()

    async function listen(): Promise<void> {
      const { ticket } = await call<{ ticket: string }>('/v1/tickets')
      const socket = new WebSocket(`${baseUrl.replace('http', 'ws')}/socket`, [
        SOCKET_SUBPROTOCOL,
        `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`,
      ])
      const frame = { message_type: 'subscribe', payload: { channel: `execution:${executionId}`, after } }
      socket.addEventListener('open', () => socket.send(JSON.stringify(frame)))
      socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
        const { message_type, payload }: ServerFrame = JSON.parse(data)
        if (message_type !== 'realtime_event') return
        events.push(...(payload.events as ExecutionEvent[]))
        if (events.some(isTerminalEvent)) done.resolve({ text: text(), verified: true })
      })
    }

    return {
      executionId,
      done: done.promise,
      get text() {
        return text()
      },
      get state() {
        return { ...INITIAL_STATE, cursor: events.at(-1)?.sequence ?? after }
      },
      async *[Symbol.asyncIterator]() {
        await done.promise
        yield* events
      },
    }
  }

  return {
    execution,
    async run(agentId, content) {
      const { executionId } = await call<ExecutionAccepted>('/v1/executions', { agentId, input: { content } })
      return execution(executionId)
    },
    cancelExecution: (executionId) => call(`/v1/executions/${executionId}/cancel`),
    close: () => undefined,
  }
}
