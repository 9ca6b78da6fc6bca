import { describe, expect, it } from 'vitest'
import { runAgent } from '#shared/runtime/testing.ts'
import { echo } from '../../../functions/agents/echo/agent.ts'

describe('echo', () => {
  it('answers with what it was sent, as text and as data', async () => {
    const run = await runAgent(echo, { hello: 'world' })

    expect(run).toMatchObject({
      status: 'completed',
      text: '{"hello":"world"}',
      data: { processed: true, input: { hello: 'world' } },
      attempt: 1,
      invocations: 1,
      published: [],
      deadLetters: [],
    })
    expect(run.events.map(({ type }) => type)).toEqual(['started', 'content_chunk', 'completed'])
  })

  it('answers a text with the text', async () => {
    expect(await runAgent(echo, 'hello')).toMatchObject({ text: 'hello', data: { input: 'hello' } })
  })
})
