import * as z from 'zod'
import { SluiceError } from '#shared/platform/errors.ts'
import { checkedAnswer, formOf } from './checked-answer.ts'
import { firstThread, progressOf } from './progress.ts'
import type { Pattern } from './reasoning.ts'
import { sayContent } from './take-turn.ts'
import { threadSchema } from './thread.ts'
import { workWithTools } from './work-with-tools.ts'

const shape = { schema: z.object({ thread: threadSchema }), first: firstThread }

/** The model calls tools and reads their results, until it has an answer. What it says on the way is part of the answer, unless that must be JSON. */
export const react: Pattern = async (reasoning) => {
  const { messages, output } = reasoning
  const progress = await progressOf(reasoning, 'react', shape)
  const { thread } = progress.state
  if (output) {
    const asked = [...messages, formOf(output)]
    const turn = await workWithTools(reasoning, progress, { messages: asked, thread })
    return checkedAnswer(reasoning, [...asked, ...thread.messages], turn)
  }
  const { stopReason, text, calls } = await workWithTools(reasoning, progress, { messages, thread, say: sayContent(reasoning) })
  // Not every vendor can forbid calls in the last turn: a model that wants nothing else has no answer.
  if (calls.length > 0 && text === '')
    throw new SluiceError('invalid_output', 'the model wants more calls of tools than it has steps for', { retryable: false })
  return { stopReason }
}
