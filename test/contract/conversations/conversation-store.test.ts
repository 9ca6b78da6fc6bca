import { describe, expect, it } from 'vitest'
import { type ConversationRef, type ConversationStore, MAX_TURNS, type Turn } from '#shared/conversations/conversation-store.ts'
import { dynamoConversationStore } from '#shared/conversations/dynamo-conversation-store.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const RETENTION_DAYS = 7
const DAY_MS = 86_400_000

const aConversation = (overrides: Partial<ConversationRef> = {}): ConversationRef => ({
  tenant: 'acme',
  conversationId: newId(),
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
  })
}

describe('memory', () => conversationContract((clock) => memoryConversationStore(clock, RETENTION_DAYS)))

describe.each(dynamoBackends())('$name', ({ client, tables }) =>
  conversationContract((clock) => dynamoConversationStore(client, tables.executions, { retentionDays: RETENTION_DAYS, clock })),
)
