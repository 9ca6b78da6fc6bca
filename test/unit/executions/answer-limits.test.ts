import { describe, expect, it } from 'vitest'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { conversationMemory } from '#shared/executions/conversation-memory.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryNoteStore } from '#shared/memory/memory-note-store.ts'
import { attachmentsIn } from '#shared/messaging/attachments.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import { prepareRequest } from '#shared/models/prepare-request.ts'
import { MAX_CHECKPOINT_BYTES } from '#shared/protocol/limits.ts'
import { aFunctionAgent, anAgent } from '../../helpers/executions.ts'
import { fakeToolbox, type SaidTurn, turnEvents } from '../../helpers/reasoning.ts'
import { byCode, say, workerScene } from '../../helpers/worker.ts'

const CONTEXT_TOKENS = 2_000
const SEARCH: SaidTurn = { say: 'Let me look.', calls: [{ tool: 'search' }] }

/** A model with little room, which is refused what is too long as every model is, and says its turns one after the other. */
const smallModel = (...turns: SaidTurn[]): LlmScript =>
  async function* (request, call) {
    prepareRequest(request, 'custom', { contextTokens: CONTEXT_TOKENS })
    yield* turnEvents(turns[call - 1] ?? { say: 'It is a gate.' }, call)
  }

/** An agent with a tool, in a conversation. */
async function talk(script: LlmScript, { result = 'found' }: { result?: string } = {}) {
  const scene = await workerScene(anAgent({ tools: [{ type: 'builtin', name: 'current_time' }] }))
  const providers = memoryLlmProviders(script)
  const toolbox = fakeToolbox({ search: { run: () => result } })
  const memory = conversationMemory({
    ...scene.dependencies,
    conversations: memoryConversationStore(scene.clock),
    notes: memoryNoteStore(),
    attachments: attachmentsIn(memoryArtifactStore()),
    providers,
  })
  const answerer = llmAnswerer({ providers, memory, toolboxes: { open: async () => toolbox, leave: async () => undefined } })
  return {
    ...scene,
    calls: providers.calls,
    toolbox,
    async ask(content: string): Promise<ExecutionRecord> {
      scene.later(1_000)
      scene.sent.length = 0
      const record = await scene.submit({ input: { content }, source: '/principals/ada', conversationId: 'holidays' })
      expect(await scene.work(answerer, record, { memory })).toBe('ended')
      return record
    },
  }
}

type Talk = Awaited<ReturnType<typeof talk>>

/** It failed once and for good: the reader has the reason and what was said, and nobody tries again. */
async function expectFailure({ expectEnd, events, sent, gate }: Talk, record: ExecutionRecord, code: string, text: string) {
  const { attempt, output, error } = await expectEnd(record, 'failed')
  expect({ attempt, text: output?.text, code: error?.code }).toEqual({ attempt: 1, text, code })
  expect((await events(record)).at(-1)).toMatchObject({ type: 'failed', data: error })
  expect(sent.filter(({ item }) => item.executionId === record.executionId)).toHaveLength(1)
  expect(await gate()).toMatchObject({ active: [] })
  return error?.detail
}

/** The conversation goes on, and knows nothing of a question that has no answer. */
async function expectNextAnswer(scene: Talk, unheard: string): Promise<void> {
  const record = await scene.ask('What is a sluice?')
  await scene.expectEnd(record, 'completed')
  expect(JSON.stringify(scene.calls.at(-1)?.messages)).not.toContain(unheard)
}

describe('a question that is too long for the model', () => {
  it('fails with what the model takes, and the conversation goes on', async () => {
    const scene = await talk(smallModel())
    const record = await scene.ask(`unheard ${'words '.repeat(3_000)}`)

    expect(await expectFailure(scene, record, 'context_length_exceeded', '')).toMatch(
      /takes 2000 tokens; the question has about \d+/,
    )
    await expectNextAnswer(scene, 'unheard')
  })

  it('fails in the middle when results of tools make it so, and keeps what was said', async () => {
    const scene = await talk(smallModel(SEARCH), { result: 'x'.repeat(16_000) })
    const record = await scene.ask('unheard')

    await expectFailure(scene, record, 'context_length_exceeded', 'Let me look.')

    expect(scene.toolbox.made).toHaveLength(1)
    expect((await scene.events(record)).filter(({ type }) => type === 'tool_result')).toHaveLength(1)
    await expectNextAnswer(scene, 'unheard')
  })
})

describe('an answer whose state is too large for a checkpoint', () => {
  it('fails with what to do where calls are under way, before any of them is made, and the conversation goes on', async () => {
    const scene = await talk(async function* (_request, call) {
      yield* turnEvents(call === 1 ? { ...SEARCH, say: 'y'.repeat(MAX_CHECKPOINT_BYTES) } : { say: 'It is a gate.' }, call)
    })
    const record = await scene.ask('unheard')

    expect(await expectFailure(scene, record, 'payload_too_large', 'y'.repeat(MAX_CHECKPOINT_BYTES))).toContain(
      'say or think less',
    )
    expect(scene.toolbox.made).toEqual([])
    await expectNextAnswer(scene, 'unheard')
  })

  it('is answered all the same where none are: it goes on without the checkpoint', async () => {
    const scene = await workerScene(anAgent({ reasoningPattern: 'reflection' }))
    const long = 'z'.repeat(MAX_CHECKPOINT_BYTES)
    const providers = memoryLlmProviders(async function* ({ output }) {
      yield* turnEvents({ say: output ? '{"good":true,"problems":""}' : long })
    })
    const record = await scene.submit()

    await scene.work(llmAnswerer({ providers }), record)

    expect(await scene.expectEnd(record, 'completed')).toMatchObject({ attempt: 1, output: { text: long } })
    expect((await scene.stored(record)).checkpoint).toBeUndefined()
  })

  it('fails with what to do where code saves it', async () => {
    const { submit, work, expectEnd, sent } = await workerScene(aFunctionAgent())
    const record = await submit()
    const saving = byCode(async (request) => {
      say(request, 'So far.')
      await request.checkpoints.save('small')
      await request.checkpoints.save('x'.repeat(MAX_CHECKPOINT_BYTES))
    })

    expect(await work(saving, record)).toBe('ended')

    expect(await expectEnd(record, 'failed')).toMatchObject({
      attempt: 1,
      output: { text: 'So far.' },
      checkpoint: { state: '"small"' },
      error: { code: 'payload_too_large', detail: expect.stringContaining('keep what is large elsewhere') },
    })
    expect(sent).toHaveLength(1)
  })
})
