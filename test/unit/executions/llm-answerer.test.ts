import { expect, it } from 'vitest'
import { llmAnswerer } from '#shared/executions/llm-answerer.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { anAgent } from '../../helpers/executions.ts'
import { words, workerScene } from '../../helpers/worker.ts'

const LLM: LlmSettings = { provider: 'scripted', model: 'answer', temperature: 0.2, maxTokens: 500, topP: 0.9 }

/** Runs one execution, and keeps what the model was opened and asked with. */
async function answered(llm: Partial<LlmSettings> | undefined) {
  const opened: LlmSettings[] = []
  const model = memoryLlmProviders(words)
  const { submit, work, expectEnd } = await workerScene(anAgent({ llm: LLM }))
  const record = await submit({ ...(llm && { llm }) })
  const providers: LlmProviders = {
    open(settings, caller) {
      opened.push(settings)
      return model.open(settings, caller)
    },
  }
  await work(llmAnswerer({ providers }), record)
  await expectEnd(record, 'completed')
  return { settings: opened[0], request: model.calls[0] }
}

it('asks the model as the request says, and as the agent says for the rest', async () => {
  const { settings, request } = await answered({ temperature: 1.1, maxTokens: 50 })

  expect(settings).toEqual({ ...LLM, temperature: 1.1, maxTokens: 50 })
  expect(request).toMatchObject({ model: 'answer', temperature: 1.1, maxTokens: 50, topP: 0.9 })
})

it('asks another model where the request names one', async () => {
  const { settings, request } = await answered({ provider: 'openai', model: 'gpt-4.1' })

  expect(settings).toMatchObject({ provider: 'openai', model: 'gpt-4.1', temperature: 0.2 })
  expect(request).toMatchObject({ model: 'gpt-4.1', temperature: 0.2 })
})

it('asks as the agent says where the request says nothing', async () => {
  expect((await answered(undefined)).settings).toEqual(LLM)
})
