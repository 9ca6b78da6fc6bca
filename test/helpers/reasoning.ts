import type { LlmEvent, LlmProvider, LlmRequest, LlmTool, LlmToolCall } from '#shared/llm/llm-provider.ts'
import { outputRule } from '#shared/prompts/output-rule.ts'
import type { Approval } from '#shared/protocol/approval.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { type CallWait, limitsOf, type Reasoning } from '#shared/reasoning/reasoning.ts'
import type { CallOutcome, CheckedCall, Toolbox } from '#shared/tools/toolbox.ts'
import { NEVER } from './worker.ts'

/** One turn of a model: what it says, and the calls it wants. */
export type SaidTurn = { say?: string; calls?: { tool: string; input?: unknown; id?: string }[]; events?: LlmEvent[] }

export const turnEvents = ({ say = '', calls = [], events = [] }: SaidTurn, turn = 0): LlmEvent[] => [
  ...events,
  ...(say === '' ? [] : [{ type: 'text' as const, text: say }]),
  ...calls.map(({ tool, input = {}, id }, place): LlmEvent => {
    const call: LlmToolCall = { callId: id ?? `vendor-${turn}-${place}`, toolName: tool, arguments: JSON.stringify(input) }
    return { type: 'tool_call', call }
  }),
  { type: 'usage', inputTokens: 1, outputTokens: 1 },
  { type: 'stop', reason: calls.length > 0 ? 'tool_calls' : 'end' },
]

/** A model that says its turns one after the other, whoever asks; `asked` keeps every request. */
export function scriptedModel(turns: readonly SaidTurn[]): LlmProvider & { asked: LlmRequest[] } {
  const asked: LlmRequest[] = []
  return {
    asked,
    async *stream(request, signal) {
      const place = asked.push(structuredClone(request)) - 1
      const turn = turns[place]
      if (!turn) throw new Error(`the model is asked ${place + 1} times, and has ${turns.length} turns`)
      for (const event of turnEvents(turn, place)) {
        signal.throwIfAborted()
        yield event
      }
    },
  }
}

type MadeCall = { key: string; call: CheckedCall; startedAt: number | undefined }

type FakeTool = {
  repeatable?: boolean
  approvalTimeoutSeconds?: number
  /** When the time of its calls is up that nobody answers yet; undefined once there is an answer. */
  pendingUntil?: (call: CheckedCall) => number | undefined
  /** What it answers. @default its name and input */
  run?: (call: CheckedCall, signal: AbortSignal) => Promise<string> | string
}

/** Tools that keep what was asked of them, with the key. */
export function fakeToolbox(tools: Record<string, FakeTool>): Toolbox & { made: MadeCall[] } {
  const made: MadeCall[] = []
  return {
    made,
    tools: Object.keys(tools).map((name): LlmTool => ({ name, description: `does ${name}`, parameters: { type: 'object' } })),
    check({ callId, toolName, arguments: json }) {
      const tool = tools[toolName]
      if (!tool) return { ok: false, result: { content: `There is no tool "${toolName}".`, isError: true } }
      const { repeatable = true, approvalTimeoutSeconds } = tool
      return { ok: true, call: { callId, toolName, arguments: JSON.parse(json), repeatable, approvalTimeoutSeconds } }
    },
    async run(call, { idempotencyKey: key, startedAt, signal }): Promise<CallOutcome> {
      signal.throwIfAborted()
      made.push({ key, call, startedAt })
      const until = tools[call.toolName]?.pendingUntil?.(call)
      if (until !== undefined) return { status: 'pending', startedAt: startedAt ?? made.length, until }
      const answer = tools[call.toolName]?.run ?? (({ toolName, arguments: input }) => `${toolName} ${JSON.stringify(input)}`)
      return { status: 'ended', result: { content: await answer(call, signal), isError: false } }
    },
    close: async () => undefined,
  }
}

/** What `suspend` throws here. */
export class Suspended extends Error {
  override readonly name = 'Suspended'
}

/** Checkpoints of one execution: what a later run finds, as it went through JSON. */
export function memoryCheckpoints(saved?: string) {
  const saves: string[] = saved === undefined ? [] : [saved]
  const waits: CallWait[] = []
  return {
    saves,
    waits,
    get state(): unknown {
      const last = saves.at(-1)
      return last === undefined ? undefined : JSON.parse(last)
    },
    async save(state: unknown): Promise<void> {
      saves.push(JSON.stringify(state))
    },
    async suspend(state: unknown, wait: CallWait): Promise<never> {
      saves.push(JSON.stringify(state))
      waits.push(wait)
      throw new Suspended()
    },
  }
}

/** A desk on which decisions lie by the ids of the calls; what nobody has decided on is pending. */
export function fakeApprovals(decisions: Record<string, Partial<Approval>> = {}) {
  const asked: string[] = []
  return {
    decisions,
    asked,
    async ask(calls: readonly { callId: string; toolName: string; arguments: unknown }[]): Promise<Approval[]> {
      return calls.map(({ callId, toolName, arguments: input }) => {
        asked.push(callId)
        return {
          approvalId: `approval-${callId}`,
          executionId: 'e1',
          agentId: 'assistant',
          callId,
          toolName,
          arguments: input as Approval['arguments'],
          status: 'pending',
          createdAt: '2026-01-01T00:00:00.000Z',
          expiresAt: '2026-01-01T01:00:00.000Z',
          ...decisions[callId],
        }
      })
    },
  }
}

/** A question with everything it takes, in memory. What was written stands in `events`. */
export function aReasoning(
  parts: Partial<Omit<Reasoning, 'limits' | 'output'>> & { schema?: Record<string, never>; limits?: object } = {},
) {
  const events: StreamEventBody[] = []
  const { schema, limits, ...rest } = parts
  const reasoning: Reasoning = {
    model: scriptedModel([]),
    request: { model: 'm' },
    leave: async () => undefined,
    messages: [
      { role: 'system', content: 'Be exact.' },
      { role: 'user', content: 'What is it?' },
    ],
    toolbox: fakeToolbox({}),
    output: schema && outputRule({ schema }),
    limits: limitsOf(limits),
    approvals: fakeApprovals(),
    checkpoints: memoryCheckpoints(),
    stream: {
      write: (body) => void events.push(body),
      async emit(body) {
        events.push(body)
      },
    },
    keyOf: (callId) => `e1:${callId}`,
    signal: NEVER,
    ...rest,
  }
  return { reasoning, events, text: () => textOf(events) }
}

export const textOf = (events: readonly StreamEventBody[]): string =>
  events.map((event) => (event.type === 'content_chunk' ? event.data.text : '')).join('')

/** Words and states of what was thought. */
export const thoughtsOf = (events: readonly StreamEventBody[]) =>
  events.flatMap((event) => (event.type === 'thinking' ? [event.data] : []))
