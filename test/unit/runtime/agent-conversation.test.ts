import { describe, expect, it } from 'vitest'
import { memoryConversationStore } from '#shared/conversations/memory-conversation-store.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { agentConversation } from '#shared/runtime/agent-conversation.ts'
import { trackEffects } from '#shared/runtime/effects.ts'
import { anExecution } from '../../helpers/executions.ts'
import { never } from '../../helpers/llm.ts'

const conversations = memoryConversationStore()
const of = (overrides: Parameters<typeof anExecution>[0]) =>
  agentConversation({ conversations, clock: systemClock }, anExecution(overrides), trackEffects(0, never()))

describe('the conversation of an agent', () => {
  const asked = { source: '/principals/ann', agentId: 'chat', conversationId: 'c-1', createdAt: '2026-11-21T09:30:00.000Z' }

  it('is what was said before, in order', async () => {
    const first = of(asked)
    await first.append('user', 'Hello')
    await first.append('assistant', 'Hello Ann')

    const next = of({ ...asked, createdAt: '2026-11-21T09:31:00.000Z' })

    expect(await next.read()).toMatchObject([
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hello Ann' },
    ])
    expect(await next.read(1)).toMatchObject([{ content: 'Hello Ann' }])
  })

  it('says nothing twice when the attempt is made again', async () => {
    const again = { ...asked, conversationId: 'c-2', executionId: 'e-1' }
    await of(again).append('user', 'Hello')
    const second = of(again)
    expect(await second.read()).toEqual([])
    await second.append('user', 'Hello')

    expect(await of({ ...asked, conversationId: 'c-2' }).read()).toHaveLength(1)
  })

  it.each([
    ['another principal', { source: '/principals/bob' }],
    ['another agent', { agentId: 'support' }],
    ['another tenant', { tenant: 'umbrella' }],
    ['another conversation', { conversationId: 'c-9' }],
  ])('is closed to %s', async (_, other) => {
    await of({ ...asked, conversationId: 'c-3' }).append('user', 'between us')

    expect(await of({ ...asked, conversationId: 'c-3', ...other }).read()).toEqual([])
  })
})
