import { describe, expect, it } from 'vitest'
import type { LlmEvent } from '#shared/llm/llm-provider.ts'
import { ProviderError } from '#shared/llm/provider-error.ts'
import { agentWorld, runAgent } from '#shared/runtime/testing.ts'
import { chat } from '../../../functions/agents/chat/agent.ts'

const asked = { messageId: 'm-1', replyTo: 'chat.answers' }

describe('chat', () => {
  it('streams the answer of its model, and replies to whoever asked', async () => {
    const run = await runAgent(chat, { content: 'What is a sluice?' }, { llm: ['A ', 'gate.'], message: asked })

    expect(run).toMatchObject({ status: 'completed', text: 'A gate.', usage: { inputTokens: 1, outputTokens: 2 } })
    expect(run.replies).toMatchObject([{ correlationId: 'm-1', data: { status: 'completed', text: 'A gate.' } }])
  })

  it('gives its model what was said before, to each principal his own', async () => {
    const world = agentWorld(chat, { llm: ['Hello.'] })
    await world.run({ content: 'I am Ann.' }, { source: '/principals/ann' })

    await world.run({ content: 'Who am I?' }, { source: '/principals/ann' })
    await world.run({ content: 'Who am I?' }, { source: '/principals/bob' })

    const asked = world.llmCalls.map(({ messages }) =>
      messages.filter(({ role }) => role !== 'system').map(({ content }) => content),
    )
    expect(asked).toEqual([['I am Ann.'], ['I am Ann.', 'Hello.', 'Who am I?'], ['Who am I?']])
  })

  it.each([[{ content: 42 }], [{}], ['hello'], [null]])(
    'refuses content that is no text, once and for good: %j',
    async (input) => {
      const run = await runAgent(chat, input, { message: asked })

      expect(run).toMatchObject({ status: 'failed', attempt: 1, invocations: 1, error: { code: 'validation_error' } })
      expect(run.deadLetters).toMatchObject([
        { code: 'validation_error', detail: expect.stringContaining('the input is not valid') },
      ])
      expect(run.replies).toMatchObject([{ type: 'error', correlationId: 'm-1', data: { error: { code: 'validation_error' } } }])
    },
  )

  it('passes on what its model fails with, and tries again when that may pass', async () => {
    const failing = (code: 'rate_limit' | 'authentication_error') =>
      async function* (): AsyncGenerator<LlmEvent> {
        yield { type: 'text', text: 'I ' }
        throw new ProviderError(code, 'no', { provider: 'scripted' })
      }
    const input = { content: 'hello' }

    expect(await runAgent(chat, input, { llm: failing('authentication_error') })).toMatchObject({
      status: 'failed',
      attempt: 1,
      error: { code: 'authentication_error' },
    })
    expect(await runAgent(chat, input, { llm: failing('rate_limit') })).toMatchObject({
      status: 'failed',
      attempt: 3,
      error: { code: 'rate_limit' },
    })
  })

  it('remembers nothing of an answer that failed', async () => {
    let calls = 0
    const world = agentWorld(chat, {
      llm: async function* () {
        yield { type: 'text', text: 'half an ' }
        if (++calls === 1) throw new ProviderError('network_error', 'cut', { provider: 'scripted' })
        yield { type: 'stop', reason: 'end' }
      },
    })

    const run = await world.run({ content: 'hello' })

    expect(run).toMatchObject({ status: 'completed', attempt: 2, text: 'half an ' })
    expect(world.llmCalls[1]?.messages.filter(({ role }) => role !== 'system')).toEqual([{ role: 'user', content: 'hello' }])
  })
})
