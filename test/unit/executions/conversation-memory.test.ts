import { describe, expect, it } from 'vitest'
import { callerConversation } from '#shared/conversations/caller-conversation.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import type { AnswerMemory } from '#shared/executions/answer-memory.ts'
import type { Answerer } from '#shared/executions/answerer.ts'
import { conversationMemory } from '#shared/executions/conversation-memory.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import { wakeExecution } from '#shared/executions/wake-execution.ts'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { type LlmScript, memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { memoryNoteStore } from '#shared/memory/memory-note-store.ts'
import { attachmentsIn } from '#shared/messaging/attachments.ts'
import { memoryArtifactStore } from '#shared/messaging/memory-artifact-store.ts'
import type { WorkItem } from '#shared/messaging/work-queue.ts'
import type { Clock } from '#shared/platform/clock.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { MemorySettings } from '#shared/protocol/agent-thought.ts'
import { anAgent } from '../../helpers/executions.ts'
import { byCode, failing, providerError, say, waiting, workerScene } from '../../helpers/worker.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

/** Answers what it was asked. */
const echo: LlmScript = async function* ({ messages }) {
  const question = messages.findLast(({ role }) => role === 'user')?.content
  yield { type: 'text', text: `You said: ${typeof question === 'string' ? question : 'a picture'}` }
  yield { type: 'stop', reason: 'end' }
}

const sumUp: LlmScript = async function* (request, number, signal) {
  if (/^Sum up/.test(String(request.messages[0]?.content))) yield { type: 'text', text: 'they greeted each other' }
  else yield* echo(request, number, signal)
}

async function talk(script: LlmScript = echo, memory: MemorySettings = {}, settings: Partial<LlmAgent> = {}) {
  const scene = await workerScene(anAgent({ maxConcurrency: 5, memory, ...settings }))
  const providers = memoryLlmProviders(script)
  const conversations = memoryConversationStore(scene.clock)
  const attachments = attachmentsIn(memoryArtifactStore())
  const notes = memoryNoteStore()
  const kept = conversationMemory({ ...scene.dependencies, conversations, notes, attachments, providers })
  const answerer = llmAnswerer({ providers, memory: kept })
  const ask = (content: unknown, overrides: Partial<ExecutionRecord> = {}) => {
    scene.later(1_000)
    const input = typeof content === 'string' ? { content } : content
    return scene.submit({ input, source: '/principals/ada', conversationId: 'holidays', ...overrides })
  }
  const work = (record: ExecutionRecord) => scene.work(answerer, record, { memory: kept })
  const owner = { tenant: 'acme', source: '/principals/ada' }
  const workItem = (item: WorkItem) => scene.work(answerer, item, { memory: kept })
  const holidays = callerConversation('acme', { agentId: 'assistant', source: '/principals/ada', conversationId: 'holidays' })
  /** Takes the floor for an execution that nobody runs, as one that waits for a person has it. */
  const holdFloor = async (record: ExecutionRecord): Promise<void> => {
    const { executionId, createdAt } = record
    const now = scene.clock.now()
    await conversations.begin(holidays, { executionId, createdAt, now, until: now + 60 * MINUTE_MS, sessionTimeoutMs: MINUTE_MS })
  }
  /** What the queue has for an execution. */
  const itemsOf = ({ executionId }: ExecutionRecord): WorkItem[] =>
    scene.sent.map(({ item }) => item).filter((item) => item.executionId === executionId)
  return {
    ...scene,
    kept,
    workWith: (by: Answerer, item: WorkItem | ExecutionRecord) => scene.work(by, item, { memory: kept }),
    ask,
    work,
    workItem,
    holidays,
    holdFloor,
    itemsOf,
    calls: providers.calls,
    callers: providers.callers,
    conversations,
    attachments,
    notes,
    owner,
    wake: ({ tenant, executionId }: ExecutionRecord) => wakeExecution(scene.dependencies, { tenant, executionId }),
  }
}

/** Speaks in its turn when others, whom it asks first, have answered. */
const askingOthers = (memory: AnswerMemory, clock: Clock) =>
  byCode(async (request) => {
    const { agent, checkpoints } = request
    if (agent.kind !== 'llm') throw new Error('it has no code')
    const spoken = await memory.begin({ ...request, agent })
    try {
      if (checkpoints.state === undefined) await checkpoints.suspend('asked', { for: 'agents', until: clock.now() + HOUR_MS })
      say(request, 'They say yes.')
      await spoken?.finish('They say yes.')
    } catch (error) {
      await spoken?.giveUp(error)
      throw error
    }
  })

function lastOf(items: readonly WorkItem[]): WorkItem {
  const last = items.at(-1)
  if (!last) throw new Error('nothing was sent')
  return last
}

const told = (request: LlmRequest | undefined): unknown[] => (request?.messages ?? []).map(({ content }) => content)

describe('conversationMemory', () => {
  it('tells the model what was said before, to this caller in this conversation alone', async () => {
    const { ask, work, calls } = await talk()

    await work(await ask('hello'))
    await work(await ask('and now?'))
    await work(await ask('hello', { source: '/principals/eve' }))
    await work(await ask('hello', { conversationId: 'work' }))
    await work(await ask('hello', { conversationId: undefined }))

    expect(told(calls[1])).toEqual(['hello', 'You said: hello', 'and now?'])
    expect(calls.slice(2).map(told)).toEqual([['hello'], ['hello'], ['hello']])
  })

  it('begins anew after a long silence', async () => {
    const { ask, work, calls, later } = await talk(echo, { sessionTimeoutMinutes: 10 })
    await work(await ask('hello'))
    later(11 * MINUTE_MS)

    await work(await ask('and now?'))

    expect(told(calls[1])).toEqual(['and now?'])
  })

  it('sums up what does not fit any more, once', async () => {
    const { ask, work, calls } = await talk(sumUp, { windowTokens: 60 })
    for (const word of ['one', 'two', 'three', 'four', 'five', 'six'])
      await work(await ask(`${word} ${'and a few words more '.repeat(3)}`))

    const sums = calls.filter(({ messages }) => /^Sum up/.test(String(messages[0]?.content)))
    const last = told(calls.at(-1))

    expect(sums.length).toBeGreaterThan(0)
    expect(sums.length).toBeLessThan(calls.length - sums.length)
    expect(last[0]).toContain('they greeted each other')
    expect(last.join(' ')).not.toContain('one and')
  })

  it('asks its models, also for a sum, for whoever asked first', async () => {
    const { ask, work, calls, callers } = await talk(sumUp, { windowTokens: 30 })
    const asked = { source: '/agents/desk', rootSource: '/principals/ada' }
    for (const word of ['one', 'two', 'three']) await work(await ask(`${word} ${'and a few words more '.repeat(3)}`, asked))

    expect(callers).toHaveLength(calls.length)
    expect(callers.length).toBeGreaterThan(3)
    for (const caller of callers) expect(caller).toMatchObject({ tenant: 'acme', agentId: 'assistant', ...asked })
  })

  it('answers without a sum that could not be made', async () => {
    const script: LlmScript = (request, number, signal) =>
      /^Sum up/.test(String(request.messages[0]?.content))
        ? failing(providerError('provider_error'), 9)(request, number, signal)
        : echo(request, number, signal)
    const { ask, work, codes, expectEnd } = await talk(script, { windowTokens: 30 })
    for (const word of ['one', 'two', 'three']) await work(await ask(`${word} ${'and a few words more '.repeat(3)}`))

    const last = await ask('four')
    await work(last)

    await expectEnd(last, 'completed')
    expect(codes()).toContain('conversation_not_summarised')
  })

  it('lets a second question wait for the answer to the first, and then go on at once', async () => {
    const never = waiting()
    const { ask, work, workItem, calls, stored, cancel, sent, expectEnd } = await talk((request, number, signal) =>
      (number === 1 ? never : echo)(request, number, signal),
    )
    const first = await ask('first')
    const running = work(first)
    await untilCalled(calls)
    const second = await ask('second')

    expect(await work(second)).toBe('suspended')
    expect(await stored(second)).toMatchObject({ status: 'queued', attempt: 1 })
    expect(calls).toHaveLength(1)

    sent.length = 0
    await cancel(first)
    await running
    expect(sent.map(({ item }) => item)).toContainEqual(expect.objectContaining({ executionId: second.executionId, admit: true }))

    const woken = sent.map(({ item }) => item).find((item) => 'executionId' in item && item.executionId === second.executionId)
    if (woken) await workItem(woken)
    expect((await expectEnd(second, 'completed')).attempt).toBe(1)
    // Turns of one role are told as one.
    expect(told(calls[1])).toEqual(['first\n\nsecond'])
  })

  it('refuses a second question where the agent takes one at a time', async () => {
    const { ask, work, calls, expectEnd } = await talk(waiting(), { doubleTexting: 'reject' })
    const first = await ask('first')
    void work(first)
    await untilCalled(calls)

    const second = await ask('second', { retry: { maxAttempts: 1 } })
    await work(second)

    expect(await expectEnd(second, 'failed')).toMatchObject({ error: { code: 'conflict' } })
  })

  it('gives up the answer under way for a later question, and keeps what was asked', async () => {
    const script = waiting()
    const { ask, work, calls, stored, conversations } = await talk(script, { doubleTexting: 'replace' })
    const first = await ask('first')
    const running = work(first)
    await untilCalled(calls)

    const second = await ask('second')
    expect(await work(second)).toBe('suspended')
    expect((await stored(first)).cancelRequestedAt).toBeDefined()
    await running

    expect((await stored(first)).status).toBe('cancelled')
    const {
      conversations: [head],
    } = await conversations.list({ tenant: 'acme', agentId: 'assistant' }, { limit: 1 })
    expect(head && (await conversations.read(head, 10)).map(({ role, content }) => [role, content])).toEqual([['user', 'first']])
  })

  it('looks less often for its turn the longer it has waited: whoever has it may wait for days', async () => {
    const { ask, work, workItem, holdFloor, itemsOf, stored, later, sweep } = await talk()
    await holdFloor(await ask('first'))
    const second = await ask('second')
    const looksAfterMs = async () => {
      const { since = 0, until = 0 } = (await stored(second)).suspended ?? {}
      return until - since
    }

    await work(second)
    expect(Math.round((await looksAfterMs()) / MINUTE_MS)).toBeLessThan(2)
    later(20 * MINUTE_MS)
    await sweep()
    expect(await workItem(lastOf(itemsOf(second)))).toBe('suspended')

    expect(Math.round((await looksAfterMs()) / MINUTE_MS)).toBe(5)
  })

  it('lets whoever has lost the floor while it waited for others have it again, where the agent takes one question at a time', async () => {
    const { ask, work, workWith, kept, calls, cancel, itemsOf, clock, stored, wake, expectEnd, later } = await talk(waiting(), {
      doubleTexting: 'reject',
    })
    const first = await ask('first', { timeoutSeconds: 60 })
    expect(await workWith(askingOthers(kept, clock), first)).toBe('suspended')
    later(10 * MINUTE_MS)
    const second = await ask('second')
    const running = work(second)
    await untilCalled(calls)

    await wake(first)
    expect(await workWith(askingOthers(kept, clock), lastOf(itemsOf(first)))).toBe('suspended')
    expect((await stored(first)).suspended).toMatchObject({ for: 'turn' })
    await cancel(second)
    await running
    await workWith(askingOthers(kept, clock), lastOf(itemsOf(first)))

    expect((await expectEnd(first, 'completed')).output?.text).toBe('They say yes.')
  })

  it('never replaces a later question by an earlier one that has waited for others', async () => {
    const { ask, work, workWith, kept, calls, cancel, itemsOf, clock, stored, wake, expectEnd, later } = await talk(waiting(), {
      doubleTexting: 'replace',
    })
    const first = await ask('first', { timeoutSeconds: 60 })
    await workWith(askingOthers(kept, clock), first)
    later(10 * MINUTE_MS)
    const second = await ask('second')
    const running = work(second)
    await untilCalled(calls)

    await wake(first)
    expect(await workWith(askingOthers(kept, clock), lastOf(itemsOf(first)))).toBe('ended')

    expect(await expectEnd(first, 'cancelled')).toMatchObject({ error: { detail: 'replaced by a later message' } })
    expect(await stored(second)).toMatchObject({ status: 'running' })
    expect((await stored(second)).cancelRequestedAt).toBeUndefined()
    await cancel(second)
    await running
  })

  it('goes past a conversation whose execution has ended without a word', async () => {
    const { ask, work, holdFloor, expectEnd } = await talk()
    const gone = await ask('gone', { conversationId: undefined })
    await work(gone)
    await holdFloor(gone)

    const next = await ask('hello')
    await work(next)

    await expectEnd(next, 'completed')
  })

  it('lets a question go on as its pattern says, when it has waited before it did anything', async () => {
    const { ask, work, workItem, holdFloor, itemsOf, cancel, expectEnd } = await talk(echo, {}, { reasoningPattern: 'react' })
    const holder = await ask('first')
    await holdFloor(holder)
    const second = await ask('second')
    expect(await work(second)).toBe('suspended')

    await cancel(holder)
    await workAll(workItem, itemsOf(holder))
    await workAll(workItem, itemsOf(second))

    expect((await expectEnd(second, 'completed')).output?.text).toBe('You said: second')
  })

  it('lets the next one speak at once when those before it are cancelled that nobody runs', async () => {
    const { ask, work, workItem, holdFloor, itemsOf, cancel, expectEnd } = await talk()
    const holder = await ask('first')
    await holdFloor(holder)
    const [second, third] = [await ask('second'), await ask('third')]
    for (const waiter of [second, third]) expect(await work(waiter)).toBe('suspended')

    for (const gone of [second, holder]) {
      await cancel(gone)
      await workAll(workItem, itemsOf(gone))
    }
    await workAll(workItem, itemsOf(third))

    await expectEnd(third, 'completed')
  })

  it('does not wait for a question that it replaces and nobody runs', async () => {
    const { ask, work, holdFloor, stored, expectEnd } = await talk(echo, { doubleTexting: 'replace' })
    const first = await ask('first')
    await holdFloor(first)
    const second = await ask('second')

    expect(await work(second)).toBe('ended')

    expect((await stored(first)).status).toBe('cancelled')
    await expectEnd(second, 'completed')
  })

  it('lets go of the turn when it cannot begin, whatever is known of it first', async () => {
    const { ask, work, holidays, conversations, clock, expectEnd } = await talk()
    const lost = await ask({ content: 'what is this?', attachments: ['01a1fe70-5d78-76d7-8983-7c359ad97821'] })

    await work(lost)

    await expectEnd(lost, 'failed')
    const now = clock.now()
    const speaker = { executionId: 'next', createdAt: lost.createdAt, now, until: now + MINUTE_MS, sessionTimeoutMs: MINUTE_MS }
    expect(await conversations.begin(holidays, speaker)).toMatchObject({ result: 'begun' })
  })

  it('shows the model pictures of the caller, and of nobody else', async () => {
    const { ask, work, calls, attachments, owner, expectEnd } = await talk()
    const attachmentId = await attachments.put(owner, { mediaType: 'image/png', data: PNG })

    await work(await ask({ content: 'what is this?', attachments: [attachmentId] }))
    const foreign = await ask({ content: 'and this?', attachments: [attachmentId] }, { source: '/principals/eve' })
    await work(foreign)
    const odd = await ask({ content: 'and this?', attachments: ['../../inputs/x'] })
    await work(odd)

    expect(calls[0]?.messages.at(-1)?.content).toEqual([
      { type: 'text', text: 'what is this?' },
      { type: 'image', mediaType: 'image/png', data: PNG },
    ])
    expect(await expectEnd(foreign, 'failed')).toMatchObject({ error: { code: 'not_found' } })
    expect(await expectEnd(odd, 'failed')).toMatchObject({ error: { code: 'validation_error' } })
    expect(calls).toHaveLength(1)
  })

  it('shows the pictures of earlier turns again', async () => {
    const { ask, work, calls, attachments, owner } = await talk()
    const attachmentId = await attachments.put(owner, { mediaType: 'image/png', data: PNG })

    await work(await ask({ content: 'what is this?', attachments: [attachmentId] }))
    await work(await ask('what colour is it?'))

    expect(told(calls[1])).toEqual([
      [
        { type: 'text', text: 'what is this?' },
        { type: 'image', mediaType: 'image/png', data: PNG },
      ],
      'You said: a picture',
      'what colour is it?',
    ])
  })

  it('says in a sum where pictures were', async () => {
    const { ask, work, calls, attachments, owner } = await talk(sumUp, { windowTokens: 30 })
    const attachmentId = await attachments.put(owner, { mediaType: 'image/png', data: PNG })
    await work(await ask({ content: `one ${'and a few words more '.repeat(3)}`, attachments: [attachmentId] }))
    for (const word of ['two', 'three']) await work(await ask(`${word} ${'and a few words more '.repeat(3)}`))

    const sum = calls.find(({ messages }) => /^Sum up/.test(String(messages[0]?.content)))

    expect(sum?.messages[1]?.content).toMatch(/^user: one [^\n]*\n\n\[image\]/)
  })

  it('tells the model what it has noted about the caller, where the agent wants that', async () => {
    const { ask, work, calls, notes, owner } = await talk(echo, { notes: true })
    const at = '2026-11-21T09:30:00.000Z'
    await notes.put(
      { ...owner, agentId: 'assistant' },
      { noteId: 'n-1', text: 'likes tea', tags: [], createdAt: at, updatedAt: at },
    )

    await work(await ask('hello'))
    await work(await ask('hello', { source: '/principals/eve' }))

    expect(told(calls[0])[0]).toContain('likes tea')
    expect(told(calls[1])).toEqual(['hello'])
  })
})

async function workAll(work: (item: WorkItem) => Promise<unknown>, items: readonly WorkItem[]): Promise<void> {
  for (const item of items) await work(item)
}

const untilCalled = (calls: readonly unknown[]) => expect.poll(() => calls).toHaveLength(1)
