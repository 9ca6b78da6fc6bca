import { describe, expect, it } from 'vitest'
import { outputRule } from '#shared/prompts/output-rule.ts'
import type { Usage } from '#shared/protocol/stream-event.ts'
import { countedModel } from '#shared/reasoning/counted-model.ts'
import { direct } from '#shared/reasoning/direct.ts'
import { react } from '#shared/reasoning/react.ts'
import { aReasoning, fakeToolbox, scriptedModel, thoughtsOf } from '../../helpers/reasoning.ts'
import { NEVER } from '../../helpers/worker.ts'

const output = outputRule({ schema: { type: 'object', properties: { age: { type: 'number' } }, required: ['age'] } })

describe('an answer that must be JSON', () => {
  it('is written when it fits, and is data too', async () => {
    const { reasoning, text } = aReasoning({ model: scriptedModel([{ say: '```json\n{"age": 3}\n```' }]) })

    expect(await direct({ ...reasoning, output })).toEqual({ stopReason: 'end', data: { age: 3 } })
    expect(text()).toBe('{"age":3}')
  })

  it('is mended once, and nothing of the first is part of the answer', async () => {
    const model = scriptedModel([{ say: 'three' }, { say: '{"age":3}' }])
    const { reasoning, events, text } = aReasoning({ model })

    await direct({ ...reasoning, output })

    expect(text()).toBe('{"age":3}')
    expect(thoughtsOf(events)).toEqual([expect.objectContaining({ status: 'warning' })])
    expect(model.asked[1]?.messages.at(-1)?.content).toContain('does not fit')
  })

  it('ends as invalid_output when it cannot be mended', async () => {
    const { reasoning, text } = aReasoning({ model: scriptedModel([{ say: 'three' }, { say: '{"age":"3"}' }]) })

    await expect(direct({ ...reasoning, output })).rejects.toMatchObject({ code: 'invalid_output', retryable: false })
    expect(text()).toBe('')
  })

  it('comes after calls, whose words are thoughts', async () => {
    const model = scriptedModel([{ say: 'Let me look.', calls: [{ tool: 'search' }] }, { say: '{"age":3}' }])
    const { reasoning, events, text } = aReasoning({ model, toolbox: fakeToolbox({ search: {} }) })

    expect(await react({ ...reasoning, output })).toMatchObject({ data: { age: 3 } })

    expect(text()).toBe('{"age":3}')
    expect(thoughtsOf(events)).toContainEqual({ text: 'Let me look.' })
  })
})

it('counts what whoever answered has used, while it counts along', async () => {
  const told: Usage[] = []
  const model = countedModel(
    {
      async *stream() {
        yield { type: 'model', provider: 'openai', model: 'big' }
        yield { type: 'usage', inputTokens: 5, outputTokens: 1 }
        yield { type: 'usage', inputTokens: 5, outputTokens: 4, reasoningTokens: 2 }
      },
    },
    { provider: 'virtual', model: 'fast' },
    (usage) => told.push(usage),
  )

  for await (const _event of model.stream({ model: 'fast', messages: [] }, NEVER));

  expect(told).toEqual([
    {
      inputTokens: 5,
      outputTokens: 1,
      models: [{ provider: 'openai', model: 'big', calls: 1, inputTokens: 5, outputTokens: 1 }],
    },
    {
      ...{ inputTokens: 0, outputTokens: 3, reasoningTokens: 2 },
      models: [{ provider: 'openai', model: 'big', calls: 0, inputTokens: 0, outputTokens: 3, reasoningTokens: 2 }],
    },
  ])
})
