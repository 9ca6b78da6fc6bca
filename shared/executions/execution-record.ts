import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { ExecutionStatus } from '#shared/protocol/execution.ts'
import type { StreamEvent, Usage } from '#shared/protocol/stream-event.ts'

/** An execution as it is stored. Timestamps are RFC 3339, numbers of time are milliseconds since the epoch. */
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
  /** Grows with every writer: a writer whose fence is not this one must stop. 0 before the first. */
  fence: number
  leaseOwner?: string | undefined
  leaseExpiresAt?: number | undefined
  /** Everything up to this sequence was posted to every viewer of that time; -1 when nothing is known. */
  postedThrough: number
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
  endedAt: string
  output?: { text: string } | undefined
  error?: { code: ErrorCode; detail: string } | undefined
  usage?: Usage | undefined
  events: StreamEvent[]
}
