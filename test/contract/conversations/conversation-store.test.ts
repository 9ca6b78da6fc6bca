import { describe, expect, it } from 'vitest'
import { type Conversation, type ConversationStore, MAX_TURNS, type Turn } from '#shared/conversations/conversation-store.ts'
import { dynamoConversationStore } from '#shared/conversations/dynamo-conversation-store.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const RETENTION_DAYS = 7
const DAY_MS = 86_400_000

const aConversation = (overrides: Partial<Conversation> = {}): Conversation => ({
  tenant: 'acme',
  conversationId: newId(),
  agentId: 'assistant',
  source: '/principals/ada',
  name: 'holidays',
  ...overrides,
})

const aTurn = (number: number, content = `turn ${number}`): Turn => ({
  place: `2026-11-21T09:30:00.000Z#e-1#${String(number).padStart(8, '0')}`,
  role: number % 2 === 0 ? 'user' : 'assistant',
  content,
  at: '2026-11-21T09:30:00.000Z',
})

function conversationContract(open: (clock: Clock) => ConversationStore): void {
  const clock = { skippedMs: 0, now: () => Date.now() + clock.skippedMs }
  const store = open(clock)

  it('gives the last turns, the oldest of them first', async () => {
    const ref = aConversation()
    for (const number of [2, 0, 3, 1]) await store.append(ref, aTurn(number))

    expect(await store.read(ref, 10)).toEqual([0, 1, 2, 3].map((number) => aTurn(number)))
    expect(await store.read(ref, 2)).toEqual([2, 3].map((number) => aTurn(number)))
    expect(await store.read(aConversation(), 10)).toEqual([])
  })

  it('keeps one turn at a place', async () => {
    const ref = aConversation()

    await store.append(ref, aTurn(0, 'first try'))
    await store.append(ref, aTurn(0, 'second try'))

    expect(await store.read(ref, 10)).toEqual([aTurn(0, 'second try')])
  })

  it('never gives the turns of another tenant', async () => {
    const ref = aConversation()
    await store.append(ref, aTurn(0))

    expect(await store.read({ ...ref, tenant: 'umbrella' }, 10)).toEqual([])
  })

  it(`gives ${MAX_TURNS} turns at the most`, async () => {
    const ref = aConversation()
    await Promise.all(Array.from({ length: MAX_TURNS + 5 }, (_, number) => store.append(ref, aTurn(number))))

    expect(await store.read(ref, 1_000)).toHaveLength(MAX_TURNS)
  })

  it(`forgets after ${RETENTION_DAYS} days`, async () => {
    const ref = aConversation()
    await store.append(ref, aTurn(0))

    clock.skippedMs = (RETENTION_DAYS - 1) * DAY_MS
    expect(await store.read(ref, 10)).toHaveLength(1)

    clock.skippedMs = (RETENTION_DAYS + 1) * DAY_MS
    expect(await store.read(ref, 10)).toEqual([])
    expect(await store.find(ref)).toBeUndefined()
  })

  it('shows the turns page by page, from the first on', async () => {
    const conversation = aConversation()
    for (const number of [2, 0, 3, 1]) await store.append(conversation, aTurn(number))

    const first = await store.readPage(conversation, { limit: 3 })
    const rest = await store.readPage(conversation, { limit: 3, after: first.next })

    expect(first.turns).toEqual([0, 1, 2].map((number) => aTurn(number)))
    expect(rest).toEqual({ turns: [aTurn(3)] })
    expect(await store.readPage({ ...conversation, tenant: newId() }, { limit: 3, after: first.next })).toEqual({ turns: [] })
  })

  it('lists the conversations of an agent, the latest active first, each once, page by page', async () => {
    const of = { tenant: newId(), agentId: 'assistant' }
    const [old, quiet, busy] = [aConversation(of), aConversation(of), aConversation(of)]
    const says = (conversation: Conversation, minute: number) =>
      store.append(conversation, { ...aTurn(minute), at: `2026-11-21T09:3${minute}:00.000Z` })
    for (const [minute, conversation] of [old, quiet, busy, old].entries()) await says(conversation, minute)
    // It comes late, and was said before.
    await says(old, 1)
    await store.append(aConversation({ ...of, agentId: 'other' }), aTurn(0))
    await store.append(aConversation(), aTurn(0))

    const first = await store.list(of, { limit: 2 })
    const second = await store.list(of, { limit: 2, after: first.next })

    expect([...first.conversations, ...second.conversations].map(({ conversationId }) => conversationId)).toEqual(
      [old, busy, quiet].map(({ conversationId }) => conversationId),
    )
    expect(first.conversations[0]).toEqual({
      ...old,
      createdAt: '2026-11-21T09:30:00.000Z',
      updatedAt: '2026-11-21T09:33:00.000Z',
    })
  })

  it('lists those of one owner, by a cursor that leads nowhere else', async () => {
    const of = { tenant: newId(), agentId: 'assistant' }
    const other = aConversation({ ...of, source: '/principals/bob' })
    for (const conversation of [aConversation(of), other, aConversation(of)]) await store.append(conversation, aTurn(0))

    const { conversations, next } = await store.list({ ...of, source: '/principals/ada' }, { limit: 1 })
    const others = await store.list({ ...of, tenant: newId() }, { limit: 9, after: next })

    expect(next).toBeDefined()
    expect(conversations).toMatchObject([{ source: '/principals/ada' }])
    expect((await store.list({ ...of, source: '/principals/bob' }, { limit: 9 })).conversations).toMatchObject([other])
    expect(others).toEqual({ conversations: [] })
  })

  it('forgets a conversation that is removed, with all its turns', async () => {
    const [conversation, other] = [aConversation(), aConversation()]
    for (const each of [conversation, other]) for (const number of [0, 1, 2]) await store.append(each, aTurn(number))

    await store.remove(conversation)
    await store.remove(conversation)

    expect(await store.find(conversation)).toBeUndefined()
    expect(await store.read(conversation, 10)).toEqual([])
    expect(await store.find(other)).toMatchObject(other)
    expect(await store.read(other, 10)).toHaveLength(3)
  })

  it.each([[''], ['nonsense!'], ['YWdlbnQjMQ'], [Buffer.from('2026-11-21').toString('base64url')]])(
    'refuses the cursor "%s"',
    async (after) => {
      const conversation = aConversation()

      await expect(store.readPage(conversation, { limit: 1, after })).rejects.toMatchObject({ code: 'validation_error' })
      await expect(store.list(conversation, { limit: 1, after })).rejects.toMatchObject({ code: 'validation_error' })
    },
  )
}

describe('memory', () => conversationContract((clock) => memoryConversationStore(clock, RETENTION_DAYS)))

describe.each(dynamoBackends())('$name', ({ client, tables }) =>
  conversationContract((clock) => dynamoConversationStore(client, tables.executions, { retentionDays: RETENTION_DAYS, clock })),
)
