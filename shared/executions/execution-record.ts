import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { ExecutionStatus } from '#shared/protocol/execution.ts'
import type { StreamEvent, Usage } from '#shared/protocol/stream-event.ts'

/** Permission to write an execution's stream. A higher fence is a later writer. */
export type Lease = { owner: string; fence: number; expiresAt: number }

/** An execution as it is stored. Times are RFC 3339, `lease.expiresAt` is in milliseconds since the epoch. */
export type ExecutionRecord = {
  tenant: string
  executionId: string
  agentId: string
  status: ExecutionStatus
  /** 0 while it has not started. */
  attempt: number
  input: unknown
  /** SHA-256 of what was asked, to tell a repeated request from another one with the same key. */
  requestHash: string
  messageId?: string | undefined
  topic?: string | undefined
  lease?: Lease | undefined
  output?: { text: string } | undefined
  error?: { code: ErrorCode; detail: string } | undefined
  usage?: Usage | undefined
  createdAt: string
  startedAt?: string | undefined
  endedAt?: string | undefined
}

/** How an execution ends: the status, and the last events of its stream, of which the very last is the terminal one. */
export type Ending = {
  status: 'completed' | 'failed' | 'timed_out' | 'cancelled'
  output?: { text: string } | undefined
  error?: { code: ErrorCode; detail: string } | undefined
  usage?: Usage | undefined
  events: StreamEvent[]
}
