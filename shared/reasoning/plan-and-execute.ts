import * as z from 'zod'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { cutText } from '#shared/tools/cut-text.ts'
import { askFor, type Wanted } from './ask-for.ts'
import { lastTurn } from './checked-answer.ts'
import { progressOf } from './progress.ts'
import type { Pattern, Reasoning } from './reasoning.ts'
import { sayThought, tell } from './take-turn.ts'
import { isUntouched, newThread, type Thread, threadSchema } from './thread.ts'
import { workWithTools } from './work-with-tools.ts'

/** Longest result of a step that later ones are told, in bytes: all of them stand in a checkpoint. */
const MAX_RESULT_BYTES = 4_096

type State = { thread: Thread; plan?: string[] | undefined; results: string[] }

const shape = {
  schema: z.object({ thread: threadSchema, plan: z.array(z.string()).optional(), results: z.array(z.string()) }),
  first: (): State => ({ thread: newThread(), results: [] }),
}

const planOf = (maxSteps: number): Wanted<{ steps: string[] }> => ({
  name: 'plan',
  properties: {
    steps: { type: 'array', minItems: 1, maxItems: maxSteps, items: { type: 'string', minLength: 1, maxLength: 500 } },
  },
  schema: z.object({ steps: z.array(z.string()) }),
})

/**
 * The model makes a plan, takes its steps one after the other, with its tools, and answers with what they came to. The steps of the plan, and in all of them together the
 * turns with tools, are as many as the limit lets.
 */
export const planAndExecute: Pattern = async (reasoning) => {
  const { messages, limits } = reasoning
  const progress = await progressOf(reasoning, 'plan_and_execute', shape)
  const { state } = progress

  if (!state.plan) {
    await tell(reasoning, 'Making a plan', 'plan', 0)
    state.plan = await makePlan(reasoning, limits.maxSteps)
    sayThought(reasoning)(state.plan.map((step, place) => `${place + 1}. ${step}\n`).join(''))
    await progress.save()
  }
  const { plan, results } = state
  for (let place = results.length; place < plan.length; place++) {
    if (isUntouched(state.thread))
      await tell(reasoning, `${place + 1} of ${plan.length}: ${plan[place]}`, 'step', (100 * place) / plan.length)
    const asked = [...messages, stepQuestion(plan, results)]
    const turn = await workWithTools(withoutOutput(reasoning), progress, {
      messages: asked,
      thread: state.thread,
      say: sayThought(reasoning),
    })
    results.push(cutText(turn.text, MAX_RESULT_BYTES))
    state.thread = newThread(state.thread.steps)
    await progress.save()
  }
  await tell(reasoning, 'Making the answer', 'answer', 100)
  return lastTurn(reasoning, [...messages, answerQuestion(plan, results)])
}

async function makePlan(reasoning: Reasoning, maxSteps: number): Promise<string[]> {
  const { messages, toolbox } = reasoning
  const tools = toolbox.tools.map(({ name, description }) => `- ${name}: ${description}`).join('\n')
  const content = [
    `Do not answer yet. Make a plan of at most ${maxSteps} steps, and of no more than it takes. Answer as JSON: {"steps": ["…"]}.`,
    ...(tools ? [`In a step you can use these tools:\n${tools}`] : []),
  ].join('\n\n')
  const asked: LlmMessage[] = [...messages, { role: 'user', content }]
  const plan = await askFor(reasoning, asked, planOf(maxSteps))
  if (plan) return plan.steps
  throw new SluiceError('content_filter', 'the model refused to make a plan', { retryable: false })
}

/** The steps have texts; what the answer must look like concerns the answer alone. */
const withoutOutput = (reasoning: Reasoning): Reasoning => ({ ...reasoning, output: undefined })

const stepQuestion = (plan: readonly string[], results: readonly string[]): LlmMessage => ({
  role: 'user',
  content: `${told(plan, results)}\n\nTake step ${results.length + 1} now, and no other: ${plan[results.length]}\nSay what it came to.`,
})

const answerQuestion = (plan: readonly string[], results: readonly string[]): LlmMessage => ({
  role: 'user',
  content: `${told(plan, results)}\n\nAll steps are taken. Give the answer now.`,
})

const told = (plan: readonly string[], results: readonly string[]): string =>
  plan
    .map((step, place) => `Step ${place + 1}: ${step}${results[place] === undefined ? '' : `\nIt came to: ${results[place]}`}`)
    .join('\n')
