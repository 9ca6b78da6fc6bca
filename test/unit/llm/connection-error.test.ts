import { expect, it } from 'vitest'
import { anthropicLlmProvider } from '#shared/llm/anthropic-llm-provider.ts'
import { azureLlmProvider } from '#shared/llm/azure-llm-provider.ts'
import { customLlmProvider } from '#shared/llm/custom-llm-provider.ts'
import { googleLlmProvider } from '#shared/llm/google-llm-provider.ts'
import { ollamaLlmProvider } from '#shared/llm/ollama-llm-provider.ts'
import { openaiLlmProvider } from '#shared/llm/openai-llm-provider.ts'
import { llmRequest, never, outcomeOf } from '../../helpers/llm.ts'
import { startReplayServer } from '../../helpers/replay-server.ts'

const apiKey = 'planted-key'

it.each([
  ['openai', openaiLlmProvider],
  ['azure', azureLlmProvider],
  ['custom', customLlmProvider],
  ['anthropic', anthropicLlmProvider],
  ['google', googleLlmProvider],
  ['ollama', ollamaLlmProvider],
])('names %s, and nothing of its address or its key', async (name, make) => {
  const gone = await startReplayServer()
  await gone.close()
  const provider = make({ apiKey, baseUrl: `${gone.rootUrl}/planted-path?key=planted-query` })

  const { error } = await outcomeOf(provider.stream(llmRequest('Hi'), never()))

  expect(error).toMatchObject({
    code: 'network_error',
    message: `the connection to the provider ${name} failed (ECONNREFUSED)`,
  })
  expect(JSON.stringify(error)).not.toMatch(/planted|127\.0\.0\.1|localhost/)
})
