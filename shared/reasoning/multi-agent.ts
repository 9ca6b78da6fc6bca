import * as z from 'zod'
import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Team } from '#shared/protocol/tool.ts'
import { cutText } from '#shared/tools/cut-text.ts'
import { askFor } from './ask-for.ts'
import { checkedAnswer, lastTurn } from './checked-answer.ts'
import { makeCalls } from './make-calls.ts'
import { MATERIAL, questionWithin, quoted } from './member-question.ts'
import { type Progress, progressOf } from './progress.ts'
import type { Pattern, Reasoned, Reasoning } from './reasoning.ts'
import { tell } from './take-turn.ts'
import { isUntouched, newThread, openCalls, type Thread, threadSchema } from './thread.ts'

/** Most times that a question is handed on. */
const MAX_HANDOVERS = 5

/** Longest part of an answer that is kept when somebody else has gone on from it, in bytes: all of them stand in a checkpoint, and in the next question. */
const MAX_EARLIER_BYTES = 2_048

/** Longest part of an answer that the model sums up, in bytes. */
const MAX_SUMMED_BYTES = 32_768

type Said = { agent: string; text: string; failed: boolean }
type State = { thread: Thread; next?: string | undefined; said: Said[] }

const shape = {
  schema: z.object({
    thread: threadSchema,
    /** Who is to go on. */
    next: z.string().optional(),
    /** Answers of the team so far, in their order. */
    said: z.array(z.object({ agent: z.string(), text: z.string(), failed: z.boolean() })),
  }),
  first: (): State => ({ thread: newThread(), said: [] }),
}

/** Each agent of a team is a tool of its own, which is known by the agent's id: asking it is a call like any other, with its own key. */
type Work = { reasoning: Reasoning; team: Team; progress: Progress<State>; question: string }

/** Other agents of the tenant make the answer, in the way that the team says. Each is asked in an execution of its own. */
export const multiAgent: Pattern = async (reasoning) => {
  const { team } = reasoning
  if (!team) throw new SluiceError('unsupported', 'the pattern "multi_agent" takes a team')
  const progress = await progressOf(reasoning, 'multi_agent', shape)
  return MODES[team.mode]({ reasoning, team, progress, question: questionOf(reasoning.messages) })
}

const MODES: Record<Team['mode'], (work: Work) => Promise<Reasoned>> = { router, sequence, parallel, handover }

/** The model chooses one. */
async function router(work: Work): Promise<Reasoned> {
  const { reasoning, progress, question, team } = work
  const { state } = progress
  if (state.next === undefined) {
    await tell(reasoning, 'Choosing who answers', 'route', 0)
    state.next = team.agents.length === 1 ? team.agents[0] : await choose(work)
    await progress.save()
  }
  if (state.next === undefined) return lastTurn(reasoning, reasoning.messages)
  if (state.said.length === 0) await ask(work, [{ agent: state.next, content: questionWithin(1, () => question) }])
  return settle(work)
}

/** Each goes on with what the one before said. */
async function sequence(work: Work): Promise<Reasoned> {
  const { progress, question, team } = work
  const { said } = progress.state
  while (said.length < team.agents.length) {
    requireAnswer(said.at(-1))
    await tellOnce(work, `Asking ${team.agents[said.length]}`, 'sequence', (100 * said.length) / team.agents.length)
    const last = said.at(-1)
    const content = questionWithin(1, (maxBytes) =>
      last ? `${question}\n\nGo on from this answer. ${MATERIAL}\n${quoted(last, maxBytes)}` : question,
    )
    await ask(work, [{ agent: team.agents[said.length] ?? '', content }])
  }
  return settle(work)
}

/** All at once, and the model sums up. */
async function parallel(work: Work): Promise<Reasoned> {
  const { reasoning, progress, question, team } = work
  const { said } = progress.state
  if (said.length === 0) {
    const content = questionWithin(team.agents.length, () => question)
    await tellOnce(work, `Asking ${team.agents.join(', ')}`, 'parallel', 0)
    await ask(
      work,
      team.agents.map((agent) => ({ agent, content })),
    )
  }
  if (said.every(({ failed }) => failed)) throw failure(said[0])
  await tell(reasoning, 'Summing up', 'summary', 100)
  const answers = said.map((one) => (one.failed ? `${one.agent} gave no answer.` : quoted(one, MAX_SUMMED_BYTES))).join('\n')
  const content = `These were asked the same. ${MATERIAL}\n${answers}\n\nGive one answer, with the best of theirs. Say where they contradict each other.`
  return lastTurn(reasoning, [...reasoning.messages, { role: 'user', content }])
}

/** The one that has it may pass it on. */
async function handover(work: Work): Promise<Reasoned> {
  const { progress, question, team } = work
  const { state } = progress
  let next: string | undefined = nextOf(work)
  while (next !== undefined) {
    await tellOnce(work, `${next} has it`, 'handover', (100 * state.said.length) / (MAX_HANDOVERS + 1))
    const others = team.agents.filter((agent) => agent !== next)
    const rule =
      state.said.length < MAX_HANDOVERS && others.length > 0
        ? `\n\nIf one of these should go on in your place, answer with this JSON alone: {"handover": "<one of ${others.join(', ')}>", "message": "<what it must know>"}`
        : ''
    const content = questionWithin(1, (maxBytes) => question + saidBefore(state, maxBytes) + rule)
    await ask(work, [{ agent: next, content }])
    next = nextOf(work)
  }
  return settle(work)
}

const saidBefore = ({ said }: State, maxBytes: number): string =>
  said.length === 0 ? '' : `\n\nOthers passed it on. ${MATERIAL}\n${said.map((one) => quoted(one, maxBytes)).join('\n')}`

/** Who has the question now; undefined when the last one has answered it. */
function nextOf({ progress: { state }, team }: Work): string | undefined {
  const last = state.said.at(-1)
  if (!last) return team.agents[0]
  if (last.failed || state.said.length > MAX_HANDOVERS) return undefined
  const wish = handoverOf(last.text)
  return wish !== undefined && wish !== last.agent && team.agents.includes(wish) ? wish : undefined
}

const handoverSchema = z.object({ handover: z.string() })

function handoverOf(text: string): string | undefined {
  try {
    return handoverSchema.safeParse(JSON.parse(text)).data?.handover
  } catch {
    return undefined
  }
}

async function choose({ reasoning, team }: Work): Promise<string | undefined> {
  const known = reasoning.toolbox.tools.map(({ name, description }) => `- ${name}: ${description}`).join('\n')
  const content = `Do not answer. Choose who answers this:\n${known}\n\nAnswer as JSON: {"agent": "<its name>"}.`
  const asked: LlmMessage[] = [...reasoning.messages, { role: 'user', content }]
  const choice = await askFor(reasoning, asked, {
    name: 'choice',
    properties: { agent: { type: 'string', enum: team.agents } },
    schema: z.object({ agent: z.string() }),
  })
  return choice?.agent
}

/** Asks agents side by side, and keeps what they say. */
async function ask({ reasoning, progress }: Work, questions: { agent: string; content: string }[]): Promise<void> {
  const { thread, said } = progress.state
  if (thread.open.length === 0) {
    const toolCalls = questions.map(({ agent, content }) => ({
      callId: agent,
      toolName: agent,
      arguments: JSON.stringify({ content }),
    }))
    openCalls(thread, { content: '', toolCalls }, progress.nextCallId)
  }
  await makeCalls(reasoning, progress, thread)
  for (const earlier of said) earlier.text = cutText(earlier.text, MAX_EARLIER_BYTES)
  for (const { toolName, result } of thread.open)
    said.push({ agent: toolName, text: result?.content ?? '', failed: result?.isError !== false })
  progress.state.thread = newThread()
  await progress.save()
}

/** Viewers saw it when the questions were under way already. */
async function tellOnce({ reasoning, progress }: Work, ...said: [text: string, status: string, progress: number]): Promise<void> {
  if (isUntouched(progress.state.thread)) await tell(reasoning, ...said)
}

/** What the last one said is the answer. */
async function settle({ reasoning, progress }: Work): Promise<Reasoned> {
  const last = progress.state.said.at(-1)
  requireAnswer(last)
  return checkedAnswer(reasoning, reasoning.messages, { text: last?.text ?? '', calls: [], stopReason: 'end' })
}

function requireAnswer(said: Said | undefined): void {
  if (said?.failed) throw failure(said)
}

const failure = (said: Said | undefined): SluiceError =>
  new SluiceError('provider_error', `the agent "${said?.agent}" gave no answer: ${said?.text}`, { retryable: false })

/** The question without what the model is told around it. */
function questionOf(messages: readonly LlmMessage[]): string {
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? ''
  return typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
