import type { LlmTool } from '#shared/llm/llm-provider.ts'
import type { Tool } from '#shared/protocol/tool.ts'

/** On whose behalf tools are called. */
export type ToolCaller = {
  tenant: string
  agentId: string
  executionId: string
  /** Who asked for the execution. */
  source?: string | undefined
  conversationId?: string | undefined
  depth?: number | undefined
  rootId?: string | undefined
  /** Who asked for the first execution of the chain, if that is another one. */
  rootSource?: string | undefined
}

/** A call whose arguments fit the tool's schema. */
export type CheckedCall = {
  callId: string
  toolName: string
  arguments: unknown
  /** Set when a person must approve the call first. */
  approvalTimeoutSeconds?: number | undefined
  /** Set then too: identifies the tool as it is defined now; see `toolHashOf`. */
  toolHash?: string | undefined
  /** Whether the same call may be made twice without harm, with or without a key. */
  repeatable: boolean
}

/** The result of a call. `content` is what the model reads: never longer than the tool allows, and without secrets. */
export type ToolResult = { content: string; isError: boolean }

/**
 * The state of a call. `pending`: the work goes on, and the same call must be made again later, before its time is up at `until`. Times are milliseconds
 * since the epoch.
 */
export type CallOutcome = { status: 'ended'; result: ToolResult } | { status: 'pending'; startedAt: number; until: number }

export type CallOptions = {
  /** The same in a later run of the call, so that the other side can recognise it. */
  idempotencyKey: string
  /** When a pending call was first made, in milliseconds since the epoch: its time counts from then. */
  startedAt?: number | undefined
  signal: AbortSignal
}

/** The tools of one agent for one execution. */
export type Toolbox = {
  /** As described to the model. */
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

/** Opens the toolbox of an agent, which may ask MCP servers for their tools. */
export type Toolboxes = {
  /** @throws SluiceError `validation_error`, `network_error`, `authentication_error` naming the tool that cannot be opened */
  open(tools: readonly Tool[], caller: ToolCaller, signal: AbortSignal): Promise<Toolbox>
  /**
   * Ends what the call of that key has another agent do, whatever its tool is by now. Repeatable.
   *
   * @throws what the stores throw
   */
  leave(caller: ToolCaller, idempotencyKey: string): Promise<void>
}
