import { on, once } from 'node:events'
import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import { type ClientFrame, type ServerFrame, serverFrameSchema } from '#shared/protocol/socket-frame.ts'
import { ticketSchema } from '#shared/protocol/ticket.ts'
import { LocalCloudError } from './local-cloud-error.ts'

export type FirstReplyOptions = { baseUrl: string; token: string; agentId: string; content: string; signal: AbortSignal }

/** How long the first token took, and how many events the whole stream had. */
export type FirstReply = { firstTokenMs: number; events: number }

/** Longest wait for the whole answer. */
const TIMEOUT_MS = 60_000
const ADVICE = 'npx sluice doctor looks for the reason; the logs are in .sluice/logs'

/**
 * Asks an agent over the front door's WebSocket, as a browser does, and hands on its answer as it comes.
 *
 * @throws LocalCloudError when no whole answer comes
 */
export async function firstReply(options: FirstReplyOptions, write: (text: string) => void): Promise<FirstReply> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT_MS)])
  try {
    return await ask(options, signal, write)
  } catch (error) {
    if (error instanceof LocalCloudError) throw error
    throw new LocalCloudError(
      `${options.agentId} gave no answer: ${error instanceof Error ? error.message : error}`,
      ADVICE,
      error,
    )
  }
}

async function ask(options: FirstReplyOptions, signal: AbortSignal, write: (text: string) => void): Promise<FirstReply> {
  const { agentId, content } = options
  const socket = await openSocket(options, signal)
  const began = performance.now()
  let firstTokenMs = 0
  try {
    const request: ClientFrame = { message_type: 'agent_request', payload: { agentId, input: { content } } }
    socket.send(JSON.stringify(request))
    for await (const frame of framesOf(socket, signal)) {
      if (frame.message_type === 'error') throw new LocalCloudError(`${agentId} gave no answer: ${frame.payload.detail}`, ADVICE)
      if (frame.message_type === 'agent_response') return { firstTokenMs, events: frame.payload.events }
      if (frame.message_type !== 'realtime_event') continue
      for (const event of frame.payload.events) {
        if (event.type !== 'content_chunk') continue
        firstTokenMs ||= performance.now() - began
        write(event.data.text)
      }
    }
    throw new LocalCloudError(`${agentId} gave no whole answer: the socket was closed`, ADVICE)
  } finally {
    socket.close()
  }
}

async function openSocket({ baseUrl, token }: FirstReplyOptions, signal: AbortSignal): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(new URL('/v1/tickets', baseUrl), { method: 'POST', headers, signal })
  if (!response.ok) throw new LocalCloudError(`the ticket was refused (${response.status}): ${await response.text()}`, ADVICE)
  const { ticket } = ticketSchema.parse(await response.json())
  const url = new URL('/socket', baseUrl.replace(/^http/, 'ws'))
  const socket = new WebSocket(url, [SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX + ticket])
  await once(socket, 'open', { signal })
  return socket
}

async function* framesOf(socket: WebSocket, signal: AbortSignal): AsyncGenerator<ServerFrame> {
  for await (const [message] of on(socket, 'message', { signal, close: ['close'] })) {
    yield serverFrameSchema.parse(JSON.parse((message as MessageEvent<string>).data))
  }
}
