import * as z from 'zod'

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
  /** JSON as the model wrote it. */
  arguments: z.string(),
  /** Viewers have seen it. */
  shown: z.boolean().optional(),
  /** Somebody may have carried it out. Set before it is made, where twice would be once too often. */
  begun: z.boolean().optional(),
  result: z.object({ content: z.string(), isError: z.boolean() }).optional(),
})

export const threadSchema = z.object({
  messages: z.array(messageSchema),
  /** Turns of the model in which it could call tools. */
  steps: z.int().nonnegative(),
  /** Calls of its last turn, until all of them have a result. */
  open: z.array(openCallSchema),
})

export type ThreadMessage = z.infer<typeof messageSchema>
export type OpenCall = z.infer<typeof openCallSchema>
export type Thread = z.infer<typeof threadSchema>

/** @param steps - those that were used before */
export const newThread = (steps = 0): Thread => ({ messages: [], steps, open: [] })
