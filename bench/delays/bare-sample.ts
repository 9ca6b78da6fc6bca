import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { WebSocket } from 'ws'
import { newId } from '#shared/platform/ids.ts'
import { SOCKET_SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '#shared/protocol/limits.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import { clientOptions } from '../../localstack/aws-clients.ts'
import type { LocalCloud } from '../../localstack/local-cloud.ts'
import type { BarePath } from './bare/deploy-bare-path.ts'
import type { BareFrame, BareMessage } from './bare/handler.ts'
import { epochMs } from './statistics.ts'

const PATIENCE_MS = 20_000

/** One frame over the bare path. `totalMs`: message sent → frame in the client. `postMs`: the function's part of it. */
export type BareSample = { totalMs: number; postMs: number }

export type BareClient = { sample(): Promise<BareSample>; close(): void }

/** A client with a socket of the same WebSocket API, behind the same front door. */
export async function openBareClient(cloud: LocalCloud, path: BarePath): Promise<BareClient> {
  const sqs = new SQSClient(clientOptions(cloud))
  const socket = await openSocket(cloud)
  const connectionId = await connectionIdOf(socket)
  return {
    async sample() {
      const message: BareMessage = { connectionId, id: newId() }
      const arrival = nextFrame<BareFrame>(socket, (frame) => frame.id === message.id)
      const sentAt = epochMs()
      await sqs.send(new SendMessageCommand({ QueueUrl: path.queueUrl, MessageBody: JSON.stringify(message) }))
      const { frame, at } = await arrival
      return { totalMs: at - sentAt, postMs: at - frame.handledAt }
    },
    close() {
      socket.close()
      sqs.destroy()
    },
  }
}

async function openSocket({ frontDoorUrl, token }: LocalCloud): Promise<WebSocket> {
  const headers = { authorization: `Bearer ${await token()}` }
  const response = await fetch(`${frontDoorUrl}/v1/tickets`, {
    method: 'POST',
    headers,
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  const { ticket } = (await response.json()) as { ticket: string }
  const url = `${frontDoorUrl.replace(/^http/, 'ws')}/socket`
  const socket = new WebSocket(url, [SOCKET_SUBPROTOCOL, `${TICKET_SUBPROTOCOL_PREFIX}${ticket}`], {
    handshakeTimeout: PATIENCE_MS,
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return socket
}

/** The greeting, which comes with the answer to the first frame, says it. */
async function connectionIdOf(socket: WebSocket): Promise<string> {
  const greeting = nextFrame<ServerFrame>(socket, ({ message_type }) => message_type === 'connection_established')
  socket.send(JSON.stringify({ message_type: 'ping' }))
  const { frame } = await greeting
  if (frame.message_type !== 'connection_established') throw new TypeError('no greeting')
  return frame.payload.connectionId
}

/** The next frame that is wanted, and when it came. */
function nextFrame<Frame>(socket: WebSocket, wanted: (frame: Frame) => boolean): Promise<{ frame: Frame; at: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ frame: Frame; at: number }>()
  const deadline = setTimeout(() => reject(new Error('no frame came over the bare path')), PATIENCE_MS)
  const onMessage = (data: Buffer): void => {
    const at = epochMs()
    const frame: Frame = JSON.parse(data.toString('utf8'))
    if (wanted(frame)) resolve({ frame, at })
  }
  socket.on('message', onMessage)
  return promise.finally(() => {
    clearTimeout(deadline)
    socket.off('message', onMessage)
  })
}
