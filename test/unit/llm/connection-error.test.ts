import { expect, it } from 'vitest'
import { anthropicLlmProvider } from '#shared/llm/anthropic-llm-provider.ts'
import { azureLlmProvider } from '#shared/llm/azure-llm-provider.ts'
import { connectionError } from '#shared/llm/connection-error.ts'
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
])('names the host of %s, and nothing else of its address or its key', async (name, make) => {
  const gone = await startReplayServer()
  await gone.close()
  const { host } = new URL(gone.rootUrl)
  const provider = make({ apiKey, baseUrl: `${gone.rootUrl}/planted-path?key=planted-query` })

  const { error } = await outcomeOf(provider.stream(llmRequest('Hi'), never()))

  expect(error).toMatchObject({
    code: 'network_error',
    message: `the connection to the provider ${name} at ${host} failed (ECONNREFUSED)`,
  })
  expect(JSON.stringify(error)).not.toContain('planted')
})

it.each(['https://planted:planted@llm.example.com/planted#planted', 'https://llm.example.com:443/?key=planted'])(
  'tells the host of %s alone',
  (baseUrl) => {
    const error = connectionError(new Error('planted'), { provider: 'custom', providerRequestId: undefined, baseUrl })

    expect(error.message).toBe('the connection to the provider custom at llm.example.com failed')
    expect(error).not.toHaveProperty('baseUrl')
  },
)

it('names the provider alone where there is no address, or none that can be read', () => {
  const source = { provider: 'bedrock', providerRequestId: undefined }
  const late = Object.assign(new Error('late'), { code: 'UND_ERR_CONNECT_TIMEOUT' })

  expect(connectionError(late, source)).toMatchObject({
    code: 'timeout',
    message: 'the provider bedrock could not be reached in time',
  })
  expect(connectionError(late, { ...source, baseUrl: 'planted' }).message).not.toContain('planted')
})
