import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { afterPrefix } from './checked-answer.ts'
import { MAX_CALLS_PER_TURN, makeCalls } from './make-calls.ts'
import type { Progress } from './progress.ts'
import type { Reasoning } from './reasoning.ts'
import { sayThought, type Turn, takeTurn, tell, warn } from './take-turn.ts'
import { openCalls, type Thread } from './thread.ts'

/** Between what was said before a call and what is said after it. */
export const PARAGRAPH = '\n\n'

const USED_UP = 'You have used all the steps that you have. Answer now with what you know, and say what is missing.'

export type ToolUse = {
  /** The question. */
  messages: readonly LlmMessage[]
  thread: Thread
  /** Where words go as they come. Absent: what comes with calls is shown as a thought, and the last turn is the caller's to show. */
  say?: ((text: string) => void) | undefined
}

/**
 * Asks the model and makes the calls that it wants, until it wants none, or has used up its steps: then it has one more turn, without calls. How far it is
 * is stored after every turn and after every round of calls.
 *
 * @returns the last turn
 * @throws what {@link takeTurn} and {@link makeCalls} throw
 */
export async function workWithTools(reasoning: Reasoning, progress: Progress, { messages, thread, say }: ToolUse): Promise<Turn> {
  const { limits, output } = reasoning
  const hasTools = reasoning.toolbox.tools.length > 0
  for (;;) {
    if (thread.open.length > 0) await closeCalls(reasoning, progress, thread)
    const asked = [...messages, ...thread.messages]
    const separated = say && afterPrefix(hasSpoken(thread) ? PARAGRAPH : '', say)
    if (hasTools && thread.steps >= limits.maxSteps) return turnWithoutCalls(reasoning, asked, separated)
    if (thread.steps > 0) await tell(reasoning, `Step ${thread.steps + 1}`, 'step')
    const turn = await takeTurn(reasoning, asked, { say: separated, ...(hasTools ? { mayCall: true } : { output }) })
    if (!hasTools || turn.calls.length === 0) return turn
    if (!say && turn.text !== '') sayThought(reasoning)(turn.text)
    // The turn stands in the thread with its calls, which have numbers of ours from here.
    thread.steps += 1
    const toolCalls = await firstCalls(reasoning, turn.calls)
    openCalls(thread, { content: turn.text, toolCalls, state: turn.state }, progress.nextCallId)
  }
}

/** A model that wants more can ask for it in its next turn: what is left out, it has not said. */
async function firstCalls(reasoning: Reasoning, calls: Turn['calls']): Promise<Turn['calls']> {
  if (calls.length <= MAX_CALLS_PER_TURN) return calls
  await warn(reasoning, `The model wants ${calls.length} calls at once: the first ${MAX_CALLS_PER_TURN} are made`)
  return calls.slice(0, MAX_CALLS_PER_TURN)
}

async function turnWithoutCalls(reasoning: Reasoning, asked: readonly LlmMessage[], say: ToolUse['say']): Promise<Turn> {
  const { limits, output } = reasoning
  await warn(reasoning, `All ${limits.maxSteps} steps are used: the answer is made with what is known`)
  const messages: LlmMessage[] = [...asked, { role: 'user', content: USED_UP }]
  return takeTurn(reasoning, messages, { say, output })
}

const hasSpoken = ({ messages }: Thread): boolean => messages.some(({ role, content }) => role === 'assistant' && content !== '')

/** Makes the open calls, and puts their results into the thread, in the order of the calls. */
async function closeCalls(reasoning: Reasoning, progress: Progress, thread: Thread): Promise<void> {
  await makeCalls(reasoning, progress, thread)
  for (const { vendorId, toolName, result } of thread.open) {
    const { content = '', isError = false } = result ?? {}
    thread.messages.push({ role: 'tool', callId: vendorId, toolName, content, ...(isError && { isError }) })
  }
  thread.open = []
}
