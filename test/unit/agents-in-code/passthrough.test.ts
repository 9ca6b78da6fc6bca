import { expect, it } from 'vitest'
import { runAgent } from '#shared/runtime/testing.ts'
import { passthrough } from '../../../functions/agents/passthrough/agent.ts'

it('passthrough carries a message on, with its type, priority and correlation', async () => {
  const message = { messageId: 'm-1', topic: 'passthrough.in', type: 'order', priority: 8 }

  const { published, data } = await runAgent(passthrough, { item: 1 }, { message })

  expect(published).toMatchObject([
    {
      topic: 'passthrough.out',
      type: 'order',
      priority: 8,
      correlationId: 'm-1',
      source: '/agents/passthrough',
      depth: 1,
      data: { item: 1 },
    },
  ])
  expect(data).toEqual({ messageId: published[0]?.id, topic: 'passthrough.out' })
})
