import { describe, expect, it } from 'vitest'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { searchConversations } from '#shared/conversations/search-conversations.ts'
import { SEARCHED_LENGTH } from '#shared/protocol/conversation.ts'

const AT = '2026-11-21T09:30:00.000Z'
const OWNER = { tenant: 'acme', agentId: 'assistant', source: '/principals/ada' }

/** A conversation in which that was said, one after the other. */
async function said(...contents: string[]) {
  const conversations = memoryConversationStore({ now: () => Date.parse(AT) })
  const conversation = { ...OWNER, conversationId: '0198b6a4-0000-7000-8000-000000000001', name: 'holidays' }
  for (const [number, content] of contents.entries())
    await conversations.append(conversation, { place: `${AT}#e-1#${number}`, role: 'user', content, at: AT })
  return conversations
}

describe('searchConversations', () => {
  it('finds the best match, and of equal ones the latest', async () => {
    const conversations = await said('trains to Zürich', 'trains', 'tea')

    const { hits, more } = await searchConversations(conversations, OWNER, 'trains Zürich', 10)

    expect(hits.map(({ turn }) => turn.content)).toEqual(['trains to Zürich', 'trains'])
    expect(more).toBe(false)
  })

  it('looks through so much text and no more, the latest first, and says so', async () => {
    const long = 'tea '.repeat(SEARCHED_LENGTH / 8)
    const conversations = await said('the oldest train', long, long.slice(0, -20), 'the latest train')

    const { hits, more } = await searchConversations(conversations, OWNER, 'train', 10)

    expect(hits.map(({ turn }) => turn.content)).toEqual(['the latest train'])
    expect(more).toBe(true)
  })
})
