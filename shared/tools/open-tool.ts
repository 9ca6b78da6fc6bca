import type { LlmTool } from '#shared/llm/llm-provider.ts'
import type { ToolCaller } from './toolbox.ts'

/** One call of a tool, besides its arguments. */
export type ToolCall = {
  callId: string
  /** The same for the same call in a later run. */
  idempotencyKey: string
  /** How long it may take, in milliseconds; the signal aborts then. */
  timeoutMs: number
  signal: AbortSignal
}

/** What a tool answers. Its content is cut by the toolbox. */
export type ToolOutput = { content: string; isError?: boolean }

/** A tool that is ready to be called, of whatever kind. */
export type OpenTool = {
  tool: LlmTool
  /** Whether the same call may be made twice: it changes nothing, or whoever is called knows its key. */
  repeatable: boolean
  /** Whether the schema is somebody else's, who checks arguments himself: where ours cannot read it, he alone does. */
  checkedElsewhere?: boolean
  /** @throws SluiceError, which the model is told of; anything else stays hidden */
  call(input: unknown, call: ToolCall): Promise<ToolOutput>
}

/** What one entry of a definition came to: one tool, or those of a server. */
export type OpenedTools = { tools: OpenTool[]; close?: (() => Promise<void>) | undefined }

/** Opens the tools of one entry for one execution. */
export type OpenTools<Definition> = (definition: Definition, caller: ToolCaller, signal: AbortSignal) => Promise<OpenedTools>

/** A value as the model reads it: a text as it is, everything else as JSON. */
export const shownValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))
