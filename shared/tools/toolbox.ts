import type { LlmTool } from '#shared/llm/llm-provider.ts'
import type { Tool } from '#shared/protocol/tool.ts'

/** For whom tools are called. */
export type ToolCaller = {
  tenant: string
  agentId: string
  executionId: string
  /** Who asked for the execution. */
  source?: string | undefined
  conversationId?: string | undefined
  depth?: number | undefined
  rootId?: string | undefined
  /** Who asked for the first execution of the chain, where that is another one. */
  rootSource?: string | undefined
}

/** A call whose arguments fit the tool's schema. */
export type CheckedCall = {
  callId: string
  toolName: string
  arguments: unknown
  /** Set when a person decides on it first. */
  approvalTimeoutSeconds?: number | undefined
  /** Set then too: what tells the tool as it is defined from any other. */
  toolHash?: string | undefined
  /** Whether the same call may be made twice without harm, with or without a key. */
  repeatable: boolean
}

/** What a call came to. `content` is what the model is told; it is never longer than the tool allows, and no secret stands in it. */
export type ToolResult = { content: string; isError: boolean }

/** How a call stands. `pending`: its tool goes on by itself, and the same call is to be made again before `until`, when its time is up; milliseconds since the epoch. */
export type CallOutcome = { status: 'ended'; result: ToolResult } | { status: 'pending'; startedAt: number; until: number }

export type CallOptions = {
  /** The same for the same call in a later run: whoever is called can tell that he has done it. */
  idempotencyKey: string
  /** When it was made first, for one that was left pending: its time counts from then on. */
  startedAt?: number | undefined
  signal: AbortSignal
}

/** The tools of one agent for one execution. */
export type Toolbox = {
  /** As the model is told of them. */
  tools: readonly LlmTool[]
  /** @param json - arguments as the model wrote them. @returns the call, or what is wrong with it, for the model to mend */
  check(call: {
    callId: string
    toolName: string
    arguments: string
  }): { ok: true; call: CheckedCall } | { ok: false; result: ToolResult }
  /**
   * Makes a call. Failures are results, for the model to read.
   *
   * @throws the signal's reason alone
   */
  run(call: CheckedCall, options: CallOptions): Promise<CallOutcome>
  /** Ends the connections. */
  close(): Promise<void>
}

/** Opens the toolbox of an agent: asks servers for what they offer. */
export type Toolboxes = {
  /** @throws SluiceError `validation_error`, `network_error`, `authentication_error` naming the tool that cannot be had */
  open(tools: readonly Tool[], caller: ToolCaller, signal: AbortSignal): Promise<Toolbox>
}
