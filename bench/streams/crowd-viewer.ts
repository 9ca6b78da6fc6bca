import { once } from 'node:events'
import { WebSocket } from 'ws'
import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'

/** One of many who follow an execution: takes what comes as it comes, and heals nothing. */
export type CrowdViewer = {
  /** Resolves when the server has confirmed. */
  follow(executionId: string): Promise<void>
  /** Milliseconds since the epoch; undefined before the terminal event. */
  readonly endedAt: number | undefined
  /** Rejects when the connection ends before the execution. */
  readonly ended: Promise<void>
  /** Every event from the first to the terminal one was there once, and in order. */
  isWhole(): boolean
  close(): void
}

const PATIENCE_MS = 60_000

export async function openCrowdViewer(frontDoorUrl: string, token: string): Promise<CrowdViewer> {
  const socket = new WebSocket(`${frontDoorUrl.replace(/^http/, 'ws')}/socket`, [SOCKET_SUBPROTOCOL], {
    headers: { authorization: `Bearer ${token}` },
    handshakeTimeout: PATIENCE_MS,
  })
  await once(socket, 'open', { signal: AbortSignal.timeout(PATIENCE_MS) })
  const confirmed = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  ended.promise.catch(() => undefined) // Whoever waits for it is told; the others do not wait any more.
  const sequences: number[] = []
  let endedAt: number | undefined

  function give(reason: string): void {
    confirmed.reject(new Error(reason))
    ended.reject(new Error(reason))
  }

  socket.on('error', ({ message }) => give(message))
  socket.on('close', (code: number) => give(`the socket was closed with ${code}`))
  socket.on('message', (data: Buffer) => {
    const frame: ServerFrame = JSON.parse(data.toString('utf8'))
    if (frame.message_type === 'subscription_confirmed') confirmed.resolve()
    if (frame.message_type === 'error') give(frame.payload.detail)
    if (frame.message_type !== 'realtime_event') return
    for (const event of frame.payload.events) {
      sequences.push(event.sequence)
      if (!isTerminalEvent(event)) continue
      endedAt ??= Date.now()
      ended.resolve()
    }
  })

  return {
    async follow(executionId) {
      socket.send(JSON.stringify({ message_type: 'subscribe', payload: { channel: `execution:${executionId}` } }))
      await confirmed.promise
    },
    get endedAt() {
      return endedAt
    },
    ended: ended.promise,
    isWhole: () => endedAt !== undefined && sequences.every((sequence, index) => sequence === index),
    close: () => socket.terminate(),
  }
}
