import type { LlmTool } from '#shared/llm/llm-provider.ts'
import type { ToolCaller } from './toolbox.ts'

/** One call of a tool, besides its arguments. */
export type ToolCall = {
  callId: string
  /** The same for the same call in a later run. */
  idempotencyKey: string
  /** The time that is left, in milliseconds; the signal aborts when it is up. */
  timeoutMs: number
  /** How long ago the call was first made, in milliseconds; only for calls that were left pending. */
  elapsedMs?: number | undefined
  signal: AbortSignal
}

/** The result of a tool. The toolbox cuts its content to the allowed size. */
export type ToolOutput = { content: string; isError?: boolean }

/** No result yet: the work goes on, and the same call must be made again later. */
export type Pending = { pending: true }

/** A tool of any kind, ready to be called. */
export type OpenTool = {
  tool: LlmTool
  /** Whether the same call may be made twice: it changes nothing, or the other side recognises its key. */
  repeatable: boolean
  /** Whether the other side validates arguments itself, so that a schema which we cannot compile is no obstacle. */
  checkedElsewhere?: boolean
  /** Whether a call ends soon after its signal aborts, with a last result or the signal's reason. Other calls are abandoned then. @default false */
  endsWithSignal?: boolean
  /** @throws SluiceError, which the model is told; any other error stays hidden from it */
  call(input: unknown, call: ToolCall): Promise<ToolOutput | Pending>
}

/** The tools of one entry of a definition: one tool, or those of an MCP server. */
export type OpenedTools = { tools: OpenTool[]; close?: (() => Promise<void>) | undefined }

/** Opens the tools of one entry for one execution. */
export type OpenTools<Definition> = (definition: Definition, caller: ToolCaller, signal: AbortSignal) => Promise<OpenedTools>

/** A value as text for the model: strings as they are, everything else as JSON. */
export const shownValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))
