import type { AuditedCall, AuditedEnd } from '#shared/audit/auditor.ts'
import { TenantClosedError } from '#shared/limits/tenant-gate.ts'
import type { Connection } from '#shared/streams/connection-store.ts'
import type { SocketDependencies } from './dependencies.ts'

/** What a record says of a frame, besides who sent it from where. `door`: `socket` when absent. `resource`: the socket when absent. */
export type RecordedFrame = Pick<AuditedCall, 'action' | 'request'> & Partial<Pick<AuditedCall, 'door' | 'resource'>>

/** Writes down what a frame did; only the first time, where one frame is one thing to do. */
export type FrameRecord = {
  once(frame: RecordedFrame, end: AuditedEnd): Promise<void>
  each(frame: RecordedFrame, end: AuditedEnd): Promise<void>
}

const SOCKET = '/socket'

/** The records of one frame of a connection. */
export function frameRecord(
  { audit, clock }: Pick<SocketDependencies, 'audit' | 'clock'>,
  { principal }: Pick<Connection, 'principal'>,
  origin: AuditedCall['origin'],
): FrameRecord {
  const startedAt = clock.now()
  let isDone = false
  const each: FrameRecord['each'] = async (frame, end) => {
    isDone = true
    await audit({ door: 'socket', resource: SOCKET, ...frame, startedAt, principal, origin }, end)
  }
  return { each, once: async (frame, end) => (isDone ? undefined : each(frame, end)) }
}

/** Frames that do something. */
const WORK = new Set(['agent_request', 'cancel', 'approval_decision'])

/**
 * Whether a frame that was refused stands in the log: one that was to do something does, and every caller who was not let in. Whose data is
 * erased has no records any more.
 */
export function isRecorded(type: string | undefined, status: number, thrown: unknown): boolean {
  if (thrown instanceof TenantClosedError) return false
  return status === 401 || status === 403 || (type !== undefined && WORK.has(type))
}
