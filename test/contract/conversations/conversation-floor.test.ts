import { describe, expect, it } from 'vitest'
import type { Conversation, ConversationStore, Speaker } from '#shared/conversations/conversation-store.ts'
import { dynamoConversationStore } from '#shared/conversations/dynamo-conversation-store.ts'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import type { Clock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const NOW = Date.parse('2027-11-21T09:30:00.000Z')
const MINUTE_MS = 60_000

const aConversation = (): Conversation => ({
  tenant: 'acme',
  conversationId: newId(),
  agentId: 'assistant',
  source: '/principals/ada',
  name: 'holidays',
})

const at = (minutes: number): number => NOW + minutes * MINUTE_MS

const aSpeaker = (executionId: string, overrides: Partial<Speaker> = {}): Speaker => ({
  executionId,
  createdAt: '2027-11-21T09:30:00.000Z',
  now: NOW,
  until: at(5),
  sessionTimeoutMs: 60 * MINUTE_MS,
  ...overrides,
})

type Said = Parameters<ConversationStore['finish']>[2]

const HELLO = { role: 'user', content: 'hello' } as const
const HI = { role: 'assistant', content: 'hi' } as const
const SAID: Said = [HELLO, HI]

function floorContract(open: (clock: Clock) => ConversationStore): void {
  const store = open({ now: () => NOW })

  const begin = (conversation: Conversation, speaker: Speaker) => store.begin(conversation, speaker)
  const speak = async (conversation: Conversation, speaker: Speaker, said = SAID) => {
    const floor = await begin(conversation, speaker)
    if (floor.result !== 'begun') throw new Error(`${floor.executionId} has the floor`)
    return store.finish(conversation, { executionId: speaker.executionId, at: floor.at }, said)
  }

  it('lets one execution speak at a time, and the others in the order in which they were asked for', async () => {
    const conversation = aConversation()
    await begin(conversation, aSpeaker('a'))
    const later = aSpeaker('c', { createdAt: '2027-11-21T09:32:00.000Z' })
    const earlier = aSpeaker('b', { createdAt: '2027-11-21T09:31:00.000Z' })

    expect(await begin(conversation, later)).toEqual({ result: 'busy', executionId: 'a' })
    expect(await begin(conversation, earlier)).toEqual({ result: 'busy', executionId: 'a' })
    expect(await store.release(conversation, 'a')).toEqual({ next: 'b' })
    expect(await begin(conversation, later)).toEqual({ result: 'busy', executionId: 'b' })
    expect(await begin(conversation, earlier)).toMatchObject({ result: 'begun' })
    expect(await store.release(conversation, 'b')).toEqual({ next: 'c' })
    expect(await begin(conversation, later)).toMatchObject({ result: 'begun' })
    expect(await store.release(conversation, 'c')).toEqual({})
  })

  it('keeps the places of those who wait when the conversation is removed, and nothing of what is being said', async () => {
    const conversation = aConversation()
    await speak(conversation, aSpeaker('before'))
    const floor = await begin(conversation, aSpeaker('a', { now: at(1) }))
    await begin(conversation, aSpeaker('b', { now: at(1), createdAt: '2027-11-21T09:31:00.000Z' }))

    await store.remove(conversation)
    await store.remove(conversation)

    expect(await store.find(conversation)).toBeUndefined()
    if (floor.result !== 'begun') throw new Error('somebody else has the floor')
    expect(await store.finish(conversation, { executionId: 'a', at: floor.at }, SAID)).toEqual({ result: 'lost', next: 'b' })
    expect(await store.read(conversation, 10)).toEqual([])
    const next = aSpeaker('b', { now: at(2), createdAt: '2027-11-21T09:31:00.000Z' })
    expect(await begin(conversation, next)).toMatchObject({ result: 'begun', sessionFrom: new Date(at(2)).toISOString() })
    expect(await store.release(conversation, 'b')).toEqual({})
  })

  it('gives two that begin at once the floor one after the other', async () => {
    const conversation = aConversation()
    const speakers = ['a', 'b', 'c', 'd'].map((id, number) => aSpeaker(id, { createdAt: `2027-11-21T09:30:0${number}.000Z` }))

    const results = await Promise.all(speakers.map((speaker) => begin(conversation, speaker)))

    expect(results.filter(({ result }) => result === 'begun')).toHaveLength(1)
  })

  it('stores what was said behind what was said before, whatever the clock says', async () => {
    const conversation = aConversation()
    await speak(conversation, aSpeaker('a', { now: at(1), until: at(9) }))

    await speak(conversation, aSpeaker('b', { now: at(0) }), [{ role: 'user', content: 'and then?' }, HI])

    expect((await store.read(conversation, 10)).map(({ content }) => content)).toEqual(['hello', 'hi', 'and then?', 'hi'])
  })

  it('stores nothing for one that has lost the floor', async () => {
    const conversation = aConversation()
    const slow = await begin(conversation, aSpeaker('a'))
    await begin(conversation, aSpeaker('b', { now: at(6), until: at(12) }))

    const result = slow.result === 'begun' && (await store.finish(conversation, { executionId: 'a', at: slow.at }, SAID))

    expect(result).toMatchObject({ result: 'lost' })
    expect(await store.read(conversation, 10)).toEqual([])
    expect(await store.summarise(conversation, 'a', { text: 'x', through: 'y' })).toBe('lost')
  })

  it('says the same again in the same place, after a crash before or behind the end', async () => {
    const conversation = aConversation()
    const first = await begin(conversation, aSpeaker('a'))
    const again = await begin(conversation, aSpeaker('a', { now: at(2) }))
    expect(again).toEqual(first)
    await speak(conversation, aSpeaker('a', { now: at(3) }))

    await speak(conversation, aSpeaker('a', { now: at(4) }), [HELLO, { role: 'assistant', content: 'hello again' }])

    expect((await store.read(conversation, 10)).map(({ content }) => content)).toEqual(['hello', 'hello again'])
  })

  it('takes the end twice', async () => {
    const conversation = aConversation()
    const floor = await begin(conversation, aSpeaker('a'))
    if (floor.result !== 'begun') throw new Error('nobody else speaks')
    const finish = () => store.finish(conversation, { executionId: 'a', at: floor.at }, SAID)

    expect([await finish(), await finish()]).toEqual([{ result: 'finished' }, { result: 'finished' }])
    expect(await store.read(conversation, 10)).toHaveLength(2)
  })

  it('goes on with a session, and begins a new one after a long silence', async () => {
    const conversation = aConversation()
    await speak(conversation, aSpeaker('a'))
    await begin(conversation, aSpeaker('b', { now: at(10), until: at(20) }))
    await store.summarise(conversation, 'b', { text: 'they greeted', through: 'p' })

    const soon = await begin(conversation, aSpeaker('b', { now: at(10), until: at(20) }))
    expect((await store.find(conversation))?.summary).toBe('they greeted')
    const late = await begin(conversation, aSpeaker('c', { now: at(200), until: at(300) }))

    expect(soon).toMatchObject({ sessionFrom: new Date(NOW).toISOString(), summary: { text: 'they greeted', through: 'p' } })
    expect(late).toEqual({ result: 'begun', at: new Date(at(200)).toISOString(), sessionFrom: new Date(at(200)).toISOString() })
    expect((await store.find(conversation))?.summary).toBeUndefined()
  })

  it('is not in the way of those who read it before anything was said', async () => {
    const conversation = aConversation()
    await begin(conversation, aSpeaker('a'))

    expect(await store.find(conversation)).toBeUndefined()
    const page = await store.list({ tenant: 'acme', agentId: 'assistant', source: conversation.source }, { limit: 100 })
    expect(page.conversations.map(({ conversationId }) => conversationId)).not.toContain(conversation.conversationId)
  })

  it('knows nothing of the floor of another tenant', async () => {
    const conversation = aConversation()
    await begin(conversation, aSpeaker('a'))

    expect(await begin({ ...conversation, tenant: 'globex' }, aSpeaker('b'))).toMatchObject({ result: 'begun' })
    expect(await store.release({ ...conversation, tenant: 'globex' }, 'a')).toEqual({})
    expect(await begin(conversation, aSpeaker('c'))).toEqual({ result: 'busy', executionId: 'a' })
  })
}

describe('memory', () => floorContract((clock) => memoryConversationStore(clock)))

describe.each(dynamoBackends())('$name', ({ client, tables }) =>
  floorContract((clock) => dynamoConversationStore(client, tables.executions, { retentionDays: 7, clock })),
)
