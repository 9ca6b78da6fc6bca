import * as z from 'zod'
import type { LlmToolCall } from '#shared/llm/llm-provider.ts'

/**
 * What was said since the question: turns of the model, and what its calls came to. It is made of JSON alone, and stands in checkpoints as it is.
 */
const messageSchema = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('assistant'),
    content: z.string(),
    toolCalls: z.array(z.object({ callId: z.string(), toolName: z.string(), arguments: z.string() })).optional(),
    state: z.object({ provider: z.string(), value: z.unknown() }).optional(),
  }),
  z.object({
    role: z.literal('tool'),
    callId: z.string(),
    toolName: z.string(),
    content: z.string(),
    isError: z.boolean().optional(),
  }),
  z.object({ role: z.literal('user'), content: z.string() }),
])

const openCallSchema = z.object({
  /** Ours: numbered through the whole execution, whatever ids the model's vendor gives. */
  callId: z.string(),
  /** The vendor's, which its own result must carry. */
  vendorId: z.string(),
  toolName: z.string(),
  /** Viewers have seen it. */
  shown: z.boolean().optional(),
  /** A person decides on it, whatever its tool says by then. */
  guarded: z.boolean().optional(),
  /** Somebody may have carried it out. Set before it is made, where twice would be once too often. */
  begun: z.boolean().optional(),
  /** When it was made that is under way without anybody who waits for it, in milliseconds since the epoch. */
  startedAt: z.number().optional(),
  result: z.object({ content: z.string(), isError: z.boolean() }).optional(),
})

export const threadSchema = z.object({
  messages: z.array(messageSchema),
  /** Turns of the model in which it could call tools. */
  steps: z.int().nonnegative(),
  /** Calls of its last turn, in their order, until all of them have a result. */
  open: z.array(openCallSchema),
})

export type OpenCall = z.infer<typeof openCallSchema>
export type Thread = z.infer<typeof threadSchema>
type AssistantTurn = Omit<Extract<Thread['messages'][number], { role: 'assistant' }>, 'role'> & { toolCalls: LlmToolCall[] }

/** @param steps - those that were used before */
export const newThread = (steps = 0): Thread => ({ messages: [], steps, open: [] })

/** Adds a turn of the model, and opens its calls under numbers of ours. */
export function openCalls(thread: Thread, turn: AssistantTurn, nextCallId: () => string): void {
  thread.messages.push({ role: 'assistant', ...turn })
  thread.open = turn.toolCalls.map(({ callId: vendorId, toolName }) => ({ callId: nextCallId(), vendorId, toolName }))
}

/** Whether nothing has come of what the thread is for yet. */
export const isUntouched = ({ messages }: Thread): boolean => messages.length === 0

/** The open calls of a thread, each with its arguments, which stand in the turn that they are of. */
export function openPairs({ messages, open }: Thread): { open: OpenCall; asked: LlmToolCall }[] {
  const turn = messages.findLast((message) => message.role === 'assistant')
  return open.flatMap((call, place) => {
    const asked = turn?.toolCalls?.[place]
    return asked ? [{ open: call, asked }] : []
  })
}
