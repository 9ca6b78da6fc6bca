import type { Turn } from '#shared/conversations/conversation-store.ts'
import type { LlmMessage, LlmPart, LlmState, LlmTool, LlmToolCall, StopReason } from '#shared/llm/llm-provider.ts'
import type { GuardedRequest } from '#shared/platform/guarded-fetch.ts'
import type { OutputSettings } from '#shared/protocol/agent-thought.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { LlmOverrides } from '#shared/protocol/llm.ts'

/** What an agent's code knows and can do while it handles one execution. Everything throws once `signal` has aborted. */
export type AgentContext = {
  agentId: string
  tenant: string
  executionId: string
  /** 1 for the first try. */
  attempt: number
  message: IncomingMessage
  llm: AgentLlm
  stream: AgentStream
  /**
   * Publishes on a topic. Messages of an execution are numbered in the order of the calls, and their ids follow from the numbers: an attempt
   * that is made again, in the same order, sends nothing twice.
   *
   * @returns id of the message
   * @throws SluiceError `depth_exceeded` when the chain of executions is too long
   */
  publish(topic: string, data: unknown, options?: SendOptions): Promise<string>
  /** Sends to one agent of the same tenant; otherwise as {@link AgentContext.publish}. */
  send(agentId: string, data: unknown, options?: SendOptions): Promise<string>
  /**
   * Answers on the topic that the message named in `replyTo`, with its `correlationId` (its id when it has none). For answers before the end:
   * what the execution came to is sent there by itself.
   *
   * @returns id of the message; undefined when nobody asked for an answer
   */
  reply(data: unknown, options?: SendOptions): Promise<string | undefined>
  conversation: Conversation
  checkpoint: Checkpoint
  /** Objects of this agent, by name; kept for 30 days. */
  artifacts: AgentArtifacts
  /**
   * Calls an address that a user wrote. Only public addresses are reached, redirects are answers like any other.
   *
   * @throws ValidationError for an address that may not be called; SluiceError `timeout`, `network_error`, `payload_too_large`
   */
  fetch(url: string, options?: FetchOptions): Promise<Response>
  logger: AgentLogger
  /** Aborts when the time is up, when somebody cancels, and when another worker has taken over. */
  signal: AbortSignal
  /** When the execution must have ended. */
  deadline: Date
}

/** What `onInit` gets. */
export type SetupContext = { agentId: string; logger: AgentLogger; signal: AbortSignal }

/** What asked for the execution: a message, or a request. */
export type IncomingMessage = {
  /** Of the message, or of the execution when it was asked for directly. */
  id: string
  type?: string | undefined
  topic?: string | undefined
  /** Who sent it. */
  source?: string | undefined
  correlationId?: string | undefined
  replyTo?: string | undefined
  conversationId?: string | undefined
  /** 1 to 10. */
  priority: number
  /** The execution that asked for this one, the first of the chain, and how many stand before this one. */
  parentId?: string | undefined
  rootId?: string | undefined
  depth: number
  /** RFC 3339. */
  time: string
}

export type LlmCall = {
  /** One question; either this or `messages`. */
  prompt?: string
  messages?: LlmMessage[]
  /** Said to the model before everything else. */
  system?: string
  /** Shown with the prompt, to models with eyes. */
  images?: Extract<LlmPart, { type: 'image' }>[]
  /** For this call, over the agent's settings and the request's, field by field. */
  settings?: LlmOverrides
  /** Functions that the model may ask for. The code makes the calls, and says what they came to in the `messages` of its next call. */
  tools?: LlmTool[]
  toolChoice?: 'auto' | 'none' | 'required'
  /** JSON that the answer must be. */
  output?: OutputSettings
  /** Ends this call alone. The execution's signal ends it in any case. */
  signal?: AbortSignal
}

/** What the model said at once. */
export type LlmAnswer = {
  text: string
  toolCalls: LlmToolCall[]
  stopReason: StopReason
  /** Goes back with this turn, in the `messages` of the next call. */
  state?: LlmState
  /** The JSON of an answer with `output`; absent when the model called tools instead, or refused. */
  object?: unknown
}

export type AgentLlm = {
  /**
   * Asks the model once and gives the text as it comes. What it has used is counted on the execution, and what it thinks is written to the
   * stream.
   *
   * @throws ProviderError, which makes another attempt when it may pass
   */
  stream(call: LlmCall): AsyncIterable<string>
  /**
   * Asks the model once and gives all that it said.
   *
   * @throws ProviderError; SluiceError `invalid_output`, after which another attempt may help
   */
  complete(call: LlmCall): Promise<LlmAnswer>
}

export type AgentStream = {
  /** Adds text to the answer; viewers see it at once. @throws SluiceError `payload_too_large` */
  write(text: string): Promise<void>
  /** Shows what the agent is at; not part of the answer. */
  thinking(text: string): Promise<void>
}

export type SendOptions = Partial<
  Pick<Envelope, 'type' | 'subject' | 'correlationId' | 'replyTo' | 'conversationId' | 'priority' | 'ttlSeconds' | 'dataschema'>
>

/** What the agent remembers of this conversation: that of its `conversationId` and whoever sent the message. */
export type Conversation = {
  /**
   * The last turns before this execution, the oldest of them first.
   *
   * @param limit - at most MAX_TURNS. @default 20
   */
  read(limit?: number): Promise<Omit<Turn, 'place'>[]>
  /** An attempt that is made again, in the same order, says nothing twice. */
  append(role: Turn['role'], content: string): Promise<void>
}

export type Checkpoint = {
  /** State of the last checkpoint; undefined when there is none. */
  readonly state: unknown
  /**
   * Stores where to go on from after a crash, and once what was written before has been posted. With little time left in the function it
   * does not return: the execution goes on in a new invocation, from this state.
   *
   * @param state - JSON, at most MAX_CHECKPOINT_BYTES
   */
  save(state: unknown): Promise<void>
}

export type AgentArtifacts = {
  /** Stores JSON under a name, in the place of what stood there. */
  save(name: string, data: unknown): Promise<void>
  /** Undefined when there is none. */
  load(name: string): Promise<unknown>
}

export type FetchOptions = GuardedRequest & {
  /** Until the whole answer is here, in milliseconds. @default 10,000 */
  timeoutMs?: number
  /** Largest answer, in bytes. @default 5 MiB */
  maxBytes?: number
}

/** Log lines with the execution's ids beside. */
export type AgentLogger = {
  info(text: string, fields?: Record<string, unknown>): void
  warn(text: string, fields?: Record<string, unknown>): void
  error(text: string, fields?: Record<string, unknown>): void
}
