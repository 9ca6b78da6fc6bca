import { once } from 'node:events'
import { WebSocket } from 'ws'
import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import type { LocalCloud } from '../../../localstack/local-cloud.ts'
import { epochMs } from '../../delays/statistics.ts'
import type { Arrival } from './delivery.ts'

const PATIENCE_MS = 20_000

/** A socket of the same WebSocket API behind the same front door, whose page appends every text that comes. */
export type RawViewer = {
  connectionId: string
  arrivals: Arrival[]
  text(): string
  close(): void
}

/** What the posting peers send. */
export type TextFrame = { text: string }

export async function openRawViewer(cloud: LocalCloud): Promise<RawViewer> {
  const response = await fetch(`${cloud.frontDoorUrl}/v1/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await cloud.token()}` },
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const { ticket } = (await response.json()) as { ticket: string }
  const socket = new WebSocket(
    `${cloud.frontDoorUrl.replace(/^http/, 'ws')}/socket`,
    [SOCKET_SUBPROTOCOL, `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`],
    { handshakeTimeout: PATIENCE_MS },
  )
  await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) })
  const connectionId = await connectionIdOf(socket)
  const arrivals: Arrival[] = []
  let text = ''
  socket.on('message', (data: Buffer) => {
    const frame: Partial<TextFrame> = JSON.parse(data.toString('utf8'))
    if (frame.text === undefined) return
    text += frame.text
    arrivals.push({ at: epochMs(), chars: text.length })
  })
  return { connectionId, arrivals, text: () => text, close: () => socket.terminate() }
}

/** The greeting, which comes with the answer to the first frame, says it. */
async function connectionIdOf(socket: WebSocket): Promise<string> {
  socket.send(JSON.stringify({ message_type: 'ping' }))
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for (;;) {
    const [data] = (await once(socket, 'message', { signal })) as [Buffer]
    const frame: { message_type: string; payload: { connectionId: string } } = JSON.parse(data.toString('utf8'))
    if (frame.message_type === 'connection_established') return frame.payload.connectionId
  }
}
