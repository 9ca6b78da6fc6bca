import { SluiceError } from '#shared/platform/errors.ts'
import { MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import type { ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { ConnectionTaskQueue } from './connection-task-queue.ts'
import { encodeFrame } from './event-frames.ts'
import type { PresenceStore } from './presence-store.ts'

export type BroadcastDependencies = { presence: PresenceStore; connectionTasks: ConnectionTaskQueue }

type BroadcastFrame = Extract<ServerFrame, { message_type: 'broadcast' }>

/** Connections of one task. */
const PAGE = 100

/**
 * Sends one frame to all connections of a tenant, by way of the queue.
 *
 * @returns how many there were
 * @throws SluiceError `payload_too_large` when it does not fit a frame
 */
export async function broadcast(
  { presence, connectionTasks }: BroadcastDependencies,
  tenant: string,
  payload: BroadcastFrame['payload'],
): Promise<number> {
  const frame = encodeFrame({ message_type: 'broadcast', payload })
  if (Buffer.byteLength(frame) > MAX_FRAME_BYTES)
    throw new SluiceError('payload_too_large', `a broadcast fits one frame of ${MAX_FRAME_BYTES} bytes`)
  let reached = 0
  for await (const ids of presence.connections(tenant)) {
    reached += ids.length
    const pages = Array.from({ length: Math.ceil(ids.length / PAGE) }, (_, page) => ids.slice(page * PAGE, (page + 1) * PAGE))
    await connectionTasks.send(pages.map((connectionIds) => ({ task: 'broadcast', tenant, connectionIds, frame })))
  }
  return reached
}
