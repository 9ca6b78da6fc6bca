import { describe, expect, it } from 'vitest'
import type { Turn } from '#shared/conversations/conversation-store.ts'
import { conversationWindow } from '#shared/executions/conversation-window.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { questionRoom } from '#shared/models/question-room.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { anAgent, anExecution } from '../../helpers/executions.ts'
import { outcomeOf } from '../../helpers/llm.ts'
import { CALLER, modelWorld, saying, settings } from '../../helpers/model-calls.ts'
import { thoughtsOf } from '../../helpers/reasoning.ts'
import { NEVER } from '../../helpers/worker.ts'

const MILLION = 1_000_000

/** Turns of about 100 tokens. */
const turnsOf = (count: number): Turn[] =>
  Array.from({ length: count }, (_, at): Turn => {
    const content = `${at} ${'and a few words more '.repeat(20)}`
    return {
      place: String(at).padStart(6, '0'),
      role: at % 2 === 0 ? 'user' : 'assistant',
      content,
      at: '2026-11-21T09:30:00.000Z',
    }
  })

const nobody = async (): Promise<never> => {
  throw new Error('no model is asked')
}

const knowing = (room: number | undefined): LlmProviders => ({ open: nobody, questionRoom: async () => room })

async function windowOf(
  providers: LlmProviders,
  turns: readonly Turn[],
  windowTokens: number,
  { agent = {}, input = { content: 'And now?' }, state }: { agent?: Partial<LlmAgent>; input?: unknown; state?: unknown } = {},
) {
  const events: StreamEventBody[] = []
  const writer = { emit: async (body: StreamEventBody) => void events.push(body) }
  const request = { record: anExecution({ input }), agent: anAgent(agent), writer, checkpoints: { state } }
  return { ...(await conversationWindow({ providers }, request, turns, windowTokens)), warnings: thoughtsOf(events) }
}

describe('questionRoom', () => {
  it.each([
    ['leaves room for the longest answer', { contextTokens: 100_000, maxOutputTokens: 20_000 }, undefined, 70_000],
    ['leaves room for the answer that is asked for', { contextTokens: 100_000, maxOutputTokens: 20_000 }, 1_000, 89_000],
    [
      'leaves room for no longer an answer than there can be',
      { contextTokens: 100_000, maxOutputTokens: 20_000 },
      90_000,
      70_000,
    ],
    [
      'keeps half for a question, however long answers may be',
      { contextTokens: 8_192, maxOutputTokens: 8_192 },
      undefined,
      3_276,
    ],
    ['keeps half for a question where nobody knows how long answers are', { contextTokens: 10_000 }, undefined, 4_000],
    ['is unknown where the context is', { maxOutputTokens: 20_000 }, 100, undefined],
  ])('%s', (_what, facts, maxTokens, room) => {
    expect(questionRoom(facts, maxTokens)).toBe(room)
  })
})

describe('conversationWindow', () => {
  it('is no larger than what the model takes, and says when that leaves turns out', async () => {
    const turns = turnsOf(100)

    const { shown, fallen, warnings } = await windowOf(knowing(2_000), turns, MILLION)

    expect([...fallen, ...shown]).toEqual(turns)
    expect(shown.length).toBeGreaterThan(0)
    expect(shown.length).toBeLessThan(20)
    expect(warnings).toEqual([
      {
        status: 'warning',
        text: expect.stringMatching(/^memory\.windowTokens: 1000000 became 1[89]\d\d, which is what the model takes/),
      },
    ])
  })

  it('says so once, however often its execution waits for somebody and goes on', async () => {
    const turns = turnsOf(100)
    const { shown } = await windowOf(knowing(2_000), turns, MILLION)

    expect(await windowOf(knowing(2_000), turns, MILLION, { state: { pattern: 'react' } })).toMatchObject({ shown, warnings: [] })
  })

  it.each([
    ['all turns fit what the model takes', knowing(MILLION / 2), 10, MILLION],
    ['the window is smaller than that', knowing(50_000), 100, 500],
    ['nobody knows how much it takes', knowing(undefined), 100, MILLION],
    ['nothing is known of models', { open: nobody }, 100, MILLION],
  ])('is as the agent says, without a word, where %s', async (_what, providers, count, windowTokens) => {
    const turns = turnsOf(count)
    const free = await windowOf({ open: nobody }, turns, windowTokens)

    expect(await windowOf(providers, turns, windowTokens)).toEqual({ ...free, warnings: [] })
  })

  it.each([
    ['the question', { input: { content: 'long '.repeat(1_500) } }],
    ['the instructions', { agent: { prompts: { system: 'long '.repeat(1_500) } } }],
  ])('leaves room for %s', async (_what, asked) => {
    const [usual, long] = [
      await windowOf(knowing(4_000), turnsOf(100), MILLION),
      await windowOf(knowing(4_000), turnsOf(100), MILLION, asked),
    ]

    expect(long.shown.length).toBeLessThan(usual.shown.length - 5)
  })

  it('is empty where the question fills the model by itself', async () => {
    const { shown, warnings } = await windowOf(knowing(100), turnsOf(4), MILLION, { input: { content: 'long '.repeat(1_500) } })

    expect(shown).toEqual([])
    expect(warnings).toHaveLength(1)
  })

  it('asks nobody where nothing was said', async () => {
    const { shown } = await windowOf({ open: nobody, questionRoom: nobody }, [], MILLION)

    expect(shown).toEqual([])
  })
})

describe('a conversation that is longer than the model', () => {
  const llm = settings({ provider: 'openai', model: 'gpt-4' })
  const answerTo = async (turns: readonly Turn[]) => {
    const provider = await modelWorld({ models: { 'gpt-4': saying('Seven.') } })
      .container()
      .open(llm, CALLER)
    const messages = [...turns.map(({ role, content }) => ({ role, content })), { role: 'user' as const, content: 'And now?' }]
    return outcomeOf(provider.stream({ model: 'gpt-4', messages }, NEVER))
  }

  it('is answered, and would be refused otherwise', async () => {
    const providers = modelWorld({ models: {} }).container()
    const turns = turnsOf(200)

    const { shown, warnings } = await windowOf(providers, turns, MILLION, { agent: { llm } })

    expect(warnings).toHaveLength(1)
    expect(shown.length).toBeGreaterThan(0)
    expect(await answerTo(turns)).toMatchObject({ error: { code: 'context_length_exceeded' } })
    expect(await answerTo(shown)).toMatchObject({ error: undefined })
  })

  it('counts with the largest model that may be asked', async () => {
    const providers = modelWorld({ models: {} }).container()
    const roomOf = (asked: Parameters<typeof settings>[0]) => providers.questionRoom?.(settings(asked), CALLER)

    const small = await roomOf({ provider: 'openai', model: 'gpt-4' })
    const large = await roomOf({ provider: 'openai', model: 'gpt-5' })

    expect(small).toBeLessThan(large ?? 0)
    expect(await roomOf({ ...llm, fallbacks: [{ provider: 'openai', model: 'gpt-5' }] })).toBe(large)
    expect(await roomOf({ ...llm, fallbacks: [{ provider: 'openai', model: 'nobody-knows-it' }] })).toBeUndefined()
  })
})
