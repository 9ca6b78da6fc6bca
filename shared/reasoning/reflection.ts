import * as z from 'zod'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { askFor, type Wanted } from './ask-for.ts'
import { checkedAnswer, lastTurn } from './checked-answer.ts'
import { firstThread, progressOf } from './progress.ts'
import type { Pattern, Reasoned, Reasoning } from './reasoning.ts'
import { sayThought, takeTurn, tell } from './take-turn.ts'
import { isUntouched, type Thread, threadSchema } from './thread.ts'
import { workWithTools } from './work-with-tools.ts'

type State = { thread: Thread; draft?: string | undefined; rounds: number }

const shape = {
  schema: z.object({ thread: threadSchema, draft: z.string().optional(), rounds: z.int().nonnegative() }),
  first: (): State => ({ ...firstThread(), rounds: 0 }),
}

const VERDICT: Wanted<{ good: boolean; problems: string }> = {
  name: 'verdict',
  properties: {
    good: { type: 'boolean', description: 'whether the answer can be given as it is' },
    problems: { type: 'string', description: 'what must be better, empty when it is good' },
  },
  schema: z.object({ good: z.boolean(), problems: z.string() }),
}

const CRITIQUE = `Look at your answer as a strict reviewer would. Is it right, whole and to the point? Answer as JSON: {"good": true or false, "problems": "what must be
better"}.`

/**
 * The model answers, criticises its answer and makes it again, until it finds nothing more or the rounds are used up. Drafts are shown as thoughts: the
 * answer is the last one alone.
 */
export const reflection: Pattern = async (reasoning) => {
  const { messages, limits } = reasoning
  const progress = await progressOf(reasoning, 'reflection', shape)
  const { state } = progress
  const question = (): LlmMessage[] => [...messages, ...state.thread.messages]

  if (state.draft === undefined) {
    if (isUntouched(state.thread)) await tell(reasoning, 'Making a draft', 'draft', 0)
    const turn = await workWithTools(reasoning, progress, { messages, thread: state.thread, say: sayThought(reasoning) })
    if (turn.stopReason === 'refusal') return checkedAnswer(reasoning, question(), turn)
    state.draft = turn.text
    await progress.save()
  }
  while (state.rounds < limits.maxIterations) {
    await tell(reasoning, 'Looking at the draft', 'critique', (100 * state.rounds) / limits.maxIterations)
    const problems = await problemsOf(reasoning, question(), state.draft)
    if (problems === undefined) return settle(reasoning, question(), state.draft)
    sayThought(reasoning)(problems)
    const revision: LlmMessage[] = [...question(), ...revise(state.draft, problems)]
    await tell(reasoning, 'Making it again', 'revision', (100 * (state.rounds + 0.5)) / limits.maxIterations)
    // Nobody looks at the last one any more: it is streamed as it comes.
    if (state.rounds + 1 === limits.maxIterations) return lastTurn(reasoning, revision)
    state.draft = (await takeTurn(reasoning, revision, { say: sayThought(reasoning) })).text
    state.rounds += 1
    await progress.save()
  }
  return settle(reasoning, question(), state.draft)
}

/** Undefined when there are none, or the model does not say. */
async function problemsOf(reasoning: Reasoning, question: readonly LlmMessage[], draft: string): Promise<string | undefined> {
  const messages: LlmMessage[] = [...question, { role: 'assistant', content: draft }, { role: 'user', content: CRITIQUE }]
  const verdict = await askFor(reasoning, messages, VERDICT)
  return verdict?.good === false ? verdict.problems : undefined
}

const revise = (draft: string, problems: string): LlmMessage[] => [
  { role: 'assistant', content: draft },
  { role: 'user', content: `Make the whole answer again, without these problems and without speaking of them:\n${problems}` },
]

const settle = (reasoning: Reasoning, question: readonly LlmMessage[], text: string): Promise<Reasoned> =>
  checkedAnswer(reasoning, question, { text, calls: [], stopReason: 'end' })
