import type { LlmMessage, LlmProvider, LlmRequest } from '#shared/llm/llm-provider.ts'
import type { OutputRule } from '#shared/prompts/output-rule.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import type { ReasoningLimits, Team } from '#shared/protocol/tool.ts'
import type { Toolbox } from '#shared/tools/toolbox.ts'

/** What a pattern stands on: one question, and everything that may be done about it. */
export type Reasoning = {
  model: LlmProvider
  /** What every request says besides its messages: the model, and how it is to answer. */
  request: Omit<LlmRequest, 'messages' | 'tools' | 'toolChoice' | 'output'>
  /** The question as the model is told it: system prompt, earlier turns, the input. Made anew by every invocation, so it stands in no checkpoint. */
  messages: readonly LlmMessage[]
  toolbox: Toolbox
  /** JSON that the answer must be. */
  output?: OutputRule | undefined
  team?: Team | undefined
  limits: Limits
  approvals: ApprovalDesk
  checkpoints: StateKeeper
  stream: ReasoningStream
  /** Key of a call: the same in whichever invocation it is made. */
  keyOf(callId: string): string
  /** Ends what a call has another agent do, now that nobody hears it. Repeatable; nothing happens where there is no such thing, or it has ended. */
  leave(callId: string): Promise<void>
  signal: AbortSignal
}

/** What an answer came to. `data` is the answer as JSON where one was asked for. */
export type Reasoned = { stopReason: string; data?: unknown }

/** How the model makes its answer. */
export type Pattern = (reasoning: Reasoning) => Promise<Reasoned>

/** Of the platform's approvals what a pattern needs. */
export type ApprovalDesk = {
  /** Repeatable, by the ids of the calls. @returns how each stands now, in the order of the calls */
  ask(calls: readonly { callId: string; toolName: string; arguments: unknown; timeoutSeconds: number }[]): Promise<Approval[]>
}

/** Of the platform's checkpoints what a pattern needs. */
export type StateKeeper = {
  /** Undefined before the first. */
  readonly state: unknown
  /** @param state - JSON, at most MAX_CHECKPOINT_BYTES */
  save(state: unknown): Promise<void>
  /** Never returns: somebody wakes the execution, at `until` (milliseconds since the epoch) at the latest, and it goes on with this state. */
  suspend(state: unknown, wait: CallWait): Promise<never>
}

/** What calls wait for: for people who decide on them, or for agents that answer; until when at the latest, in milliseconds since the epoch. */
export type CallWait = { for: 'input' | 'agents'; until: number }

type TextBody = Extract<StreamEventBody, { type: 'content_chunk' | 'thinking' }>

/** Of the writer of a stream what a pattern needs. */
export type ReasoningStream = {
  /** Adds text to the answer, or to what is thought. */
  write(body: TextBody): void
  emit(body: StreamEventBody): Promise<void>
}

export type Limits = Record<keyof ReasoningLimits, number>

/** @param said - what the agent says; the platform's limits count where it says nothing */
export const limitsOf = ({ maxSteps = 10, maxIterations = 3, maxParallelTools = 4 }: ReasoningLimits = {}): Limits => ({
  maxSteps,
  maxIterations,
  maxParallelTools,
})
