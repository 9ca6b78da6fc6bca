import { afterEach, expect, it, vi } from 'vitest'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { checkAgentHealth } from '#shared/executions/check-agent-health.ts'
import type { LlmProviders } from '#shared/llm/llm-providers.ts'
import { memoryLlmProviders } from '#shared/llm/memory-llm-providers.ts'
import { secretLlmProviders } from '#shared/llm/secret-llm-providers.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { anAgent } from '../../helpers/executions.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const PROBE = { tenant: 'acme', agentId: 'assistant', probe: true } as const
const OPENAI = { provider: 'openai', model: 'm', service: 'demo' } as const

async function check(agent: Agent, providers?: LlmProviders) {
  const [agents, logger] = [memoryAgentStore(), memoryLog()]
  await agents.create('acme', agent)
  await checkAgentHealth({ agents, providers, clock: { now: () => NOW }, logger }, PROBE)
  return { agent: await agents.get('acme', 'assistant'), logger }
}

const withSecrets = (secrets: Record<string, string>): LlmProviders =>
  secretLlmProviders({ secrets: memorySecretStore(secrets), platform: 'sluice-test' })

afterEach(() => vi.useRealTimers())

it('finds an agent healthy whose provider can be opened, without asking the model', async () => {
  const providers = memoryLlmProviders(() => expect.unreachable())

  const { agent, logger } = await check(anAgent(), providers)

  expect(agent).toMatchObject({
    health: 'healthy',
    healthDetail: 'the provider "scripted" can be used',
    healthCheckedAt: '2026-11-21T09:30:00.000Z',
    revision: 1,
  })
  expect(logger.lines).toEqual([])
})

it('finds an agent unhealthy whose key is missing, and names the secret', async () => {
  const { agent, logger } = await check(anAgent({ llm: OPENAI }), withSecrets({}))

  expect(agent).toMatchObject({
    health: 'unhealthy',
    healthDetail: expect.stringContaining('"sluice-test-demo-secret" does not exist'),
  })
  expect(logger.lines).toMatchObject([{ level: 'warn', code: 'agent_unhealthy', fields: { agentId: 'assistant' } }])
})

it('tells nothing of a key that is wrong', async () => {
  const secret = '{"apiKey": "sk-very-secret", "baseUrl": 1}'

  const { agent, logger } = await check(anAgent({ llm: OPENAI }), withSecrets({ 'sluice-test-demo-secret': secret }))

  expect(agent).toMatchObject({ health: 'unhealthy' })
  expect(JSON.stringify([agent, logger.lines])).not.toContain('sk-very-secret')
})

it('shows no text of a foreign error', async () => {
  const providers: LlmProviders = { open: () => Promise.reject(new Error('connect ECONNREFUSED with sk-very-secret')) }

  const { agent } = await check(anAgent(), providers)

  expect(agent).toMatchObject({ health: 'unhealthy', healthDetail: 'internal: the provider "scripted" cannot be opened' })
})

it('does not wait for ever', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort(new Error('the time is up')))
  const providers: LlmProviders = { open: () => new Promise(() => undefined) }

  const { agent } = await check(anAgent(), providers)

  expect(agent).toMatchObject({ health: 'unhealthy', healthDetail: 'the provider "scripted" was not ready in 3000 ms' })
})

it('takes a function that answers for healthy', async () => {
  const { llm, prompts, ...common } = anAgent()

  const { agent } = await check({ ...common, kind: 'function', deployment: 'd-1' })

  expect(agent).toMatchObject({ health: 'healthy', healthDetail: 'its function answered' })
})

it('finds an agent in code unhealthy whose model has no key', async () => {
  const { llm, prompts, ...common } = anAgent()

  const { agent } = await check({ ...common, kind: 'function', deployment: 'd-1', llm: OPENAI }, withSecrets({}))

  expect(agent).toMatchObject({ health: 'unhealthy', healthDetail: expect.stringContaining('"sluice-test-demo-secret"') })
})

it('leaves an agent alone that is gone', async () => {
  const agents = memoryAgentStore()

  await checkAgentHealth({ agents, clock: { now: () => NOW }, logger: memoryLog() }, PROBE)

  expect(await agents.get('acme', 'assistant')).toBeUndefined()
})
