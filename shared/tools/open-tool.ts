import type { LlmTool } from '#shared/llm/llm-provider.ts'
import type { ToolCaller } from './toolbox.ts'

/** One call of a tool, besides its arguments. */
export type ToolCall = {
  callId: string
  /** The same for the same call in a later run. */
  idempotencyKey: string
  /** How long it may take yet, in milliseconds; the signal aborts then. */
  timeoutMs: number
  /** How long ago it was made first, in milliseconds; absent unless it was left pending before. */
  elapsedMs?: number | undefined
  signal: AbortSignal
}

/** What a tool answers. Its content is cut by the toolbox. */
export type ToolOutput = { content: string; isError?: boolean }

/** There is no answer yet, and whoever is asked goes on: the same call is to be made again later. */
export type Pending = { pending: true }

/** A tool that is ready to be called, of whatever kind. */
export type OpenTool = {
  tool: LlmTool
  /** Whether the same call may be made twice: it changes nothing, or whoever is called knows its key. */
  repeatable: boolean
  /** Whether the schema is somebody else's, who checks arguments himself: where ours cannot read it, he alone does. */
  checkedElsewhere?: boolean
  /** Whether it ends soon after its signal, with what it found at last or the signal's reason. Others are left behind. @default false */
  endsWithSignal?: boolean
  /** @throws SluiceError, which the model is told of; anything else stays hidden */
  call(input: unknown, call: ToolCall): Promise<ToolOutput | Pending>
}

/** What one entry of a definition came to: one tool, or those of a server. */
export type OpenedTools = { tools: OpenTool[]; close?: (() => Promise<void>) | undefined }

/** Opens the tools of one entry for one execution. */
export type OpenTools<Definition> = (definition: Definition, caller: ToolCaller, signal: AbortSignal) => Promise<OpenedTools>

/** A value as the model reads it: a text as it is, everything else as JSON. */
export const shownValue = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null))
