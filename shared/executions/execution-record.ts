import type { CreateExecution, ExecutionStatus } from '#shared/protocol/execution.ts'
import type { Failure } from '#shared/protocol/problem.ts'
import type { StreamEvent, Usage } from '#shared/protocol/stream-event.ts'

/** What an execution came to: its text, and what an agent's own code returned. */
export type Output = { text: string; data?: unknown }

/** What a later writer goes on from. */
export type Checkpoint = {
  /** JSON of the agent's own state. */
  state: string
  /** Last event of the stream that belongs to it; everything up to here was posted to everybody who was live then. */
  sequence: number
}

/** What an execution waits for that has begun, since when and until when at the latest; milliseconds since the epoch. */
export type Suspension = { for: 'input' | 'turn' | 'agents'; since: number; until: number }

/** Where an execution stands in a batch. */
export type BatchPlace = {
  batchId?: string | undefined
  /** From 0. */
  batchIndex?: number | undefined
  /** Set where its batch is done in order: whether the rest is given up when one ends without success. */
  batchOrder?: 'go_on' | 'stop_on_error' | undefined
  /** Set until its turn comes. Nobody admits it before. */
  awaitsTurn?: true | undefined
}

/** What a caller asked for; it does not change. */
export type ExecutionRequest = {
  tenant: string
  executionId: string
  agentId: string
  /** The declared agent whose own queue takes the work; the shared queue when absent. */
  worker?: string | undefined
  /** The JSON that was sent; `null` when it is behind {@link inputRef}. */
  input: unknown
  /** Key of the object in the artifacts bucket that holds the input, when it was too large to travel. */
  inputRef?: string | undefined
  /** What kind of work it is: the message's type, or the request's. */
  type?: string | undefined
  /** SHA-256 of what was asked, to tell a repeated request from another one with the same key. */
  requestHash: string
  /** 1 to 10. */
  priority: number
  /** When nobody may begin with it any more, in milliseconds since the epoch. */
  expiresAtMs?: number | undefined
  /** Over the agent's. */
  timeoutSeconds?: number | undefined
  retry?: CreateExecution['retry']
  /** Over the agent's model, field by field. */
  llm?: CreateExecution['llm']
  callbackUrl?: string | undefined
  /** Who asked: the subject of the token, or the source of the message. */
  source?: string | undefined
  messageId?: string | undefined
  topic?: string | undefined
  replyTo?: string | undefined
  correlationId?: string | undefined
  /** What its agent remembers is kept by it. */
  conversationId?: string | undefined
  /** The execution that asked for this one, the first of the chain, and how many stand before this one. */
  parentId?: string | undefined
  rootId?: string | undefined
  /** Who asked for the first of the chain, where that is not this one. Set by the platform alone. */
  rootSource?: string | undefined
  depth?: number | undefined
  /** The execution that this one repeats. */
  retryOf?: string | undefined
  createdAt: string
} & Omit<BatchPlace, 'awaitsTurn'>

/** An execution as it is stored. Timestamps are RFC 3339, numbers of time are milliseconds since the epoch. */
export type ExecutionRecord = ExecutionRequest &
  Pick<BatchPlace, 'awaitsTurn'> & {
    status: ExecutionStatus
    /** 0 while it has not started. */
    attempt: number
    /** Number that the next writer's attempt has: a writer that goes on where another one stopped on purpose makes no new attempt. */
    nextAttempt: number
    /** Its place in the agent's mailbox while it waits there. */
    place?: string | undefined
    /** When the next attempt may begin. */
    retryAt?: number | undefined
    cancelRequestedAt?: string | undefined
    checkpoint?: Checkpoint | undefined
    /** Set while it waits without a slot, in the middle of an attempt. */
    suspended?: Suspension | undefined
    /** How long it has waited for others until it was woken last, in milliseconds. */
    waitedMs?: number | undefined
    /** When it was woken last, and when a worker began or went on with it after that; milliseconds since the epoch. */
    wokenAt?: number | undefined
    resumedAt?: number | undefined
    /** Ids of the approvals that it asked for and that nobody has decided on. */
    pendingApprovals?: readonly string[] | undefined
    /** Somebody wanted to wake it while it ran: it does not wait for its turn, or for other agents, before it has looked again. */
    woken?: true | undefined
    /** Grows with every writer: a writer whose fence is not this one must stop. 0 before the first. */
    fence: number
    leaseOwner?: string | undefined
    leaseExpiresAt?: number | undefined
    /** Everything up to this sequence was posted to every viewer of that time; -1 when nothing is known. */
    postedThrough: number
    output?: Output | undefined
    error?: Failure | undefined
    usage?: Usage | undefined
    startedAt?: string | undefined
    endedAt?: string | undefined
  }

/** How an execution ends: the status, and the last events of its stream, of which the very last is the terminal one. */
export type Ending = {
  status: 'completed' | 'failed' | 'timed_out' | 'cancelled' | 'expired'
  endedAt: string
  output?: Output | undefined
  error?: Failure | undefined
  usage?: Usage | undefined
  events: StreamEvent[]
}
