import { describe, expect, it } from 'vitest'
import { requireTools } from '#shared/agents/require-tools.ts'
import { createAgentSchema } from '#shared/protocol/agent.ts'
import { demoAgents } from '../../../localstack/demo-agents.ts'
import { readEnvironment } from '../../../localstack/environment.ts'

const SCRIPTED_LLM = 'http://127.0.0.1:4577/v1'

describe('demoAgents', () => {
  it('has an assistant that needs no key', () => {
    const [assistant, ...others] = demoAgents(SCRIPTED_LLM, readEnvironment({}))

    expect(others.map(({ service }) => service)).toEqual(['demo'])
    expect(assistant).toMatchObject({
      service: 'demo',
      secret: { apiKey: 'local', baseUrl: SCRIPTED_LLM },
      agent: { agentId: 'assistant', topics: ['questions'], llm: { provider: 'openai', model: 'scripted-1', service: 'demo' } },
    })
  })

  it('has a researcher with tools of every kind that the local cloud serves, one of which a person approves', () => {
    const researcher = demoAgents(SCRIPTED_LLM, readEnvironment({})).find(({ agent }) => agent.agentId === 'researcher')

    const tools = createAgentSchema.parse(researcher?.agent).tools ?? []

    expect(() => requireTools(tools)).not.toThrow()
    expect(tools).toMatchObject([
      { type: 'lambda', function: 'order-status', approval: 'always' },
      { type: 'mcp', url: 'http://127.0.0.1:4577/mcp', allow: ['search_docs', 'word_count'] },
      { type: 'agent', agentId: 'echo' },
      { type: 'builtin', name: 'current_time' },
    ])
  })

  it('has one more for each real model server', () => {
    const environment = readEnvironment({ OPENAI_API_KEY: 'key', OLLAMA_BASE_URL: 'http://localhost:11434' })
    const agents = demoAgents(SCRIPTED_LLM, environment)

    expect(agents.map(({ service, secret, agent }) => ({ provider: agent.llm?.provider, service, secret }))).toEqual([
      { provider: 'openai', service: 'demo', secret: { apiKey: 'local', baseUrl: SCRIPTED_LLM } },
      { provider: 'openai', service: 'demo', secret: { apiKey: 'local', baseUrl: SCRIPTED_LLM } },
      { provider: 'openai', service: 'openai', secret: { apiKey: 'key', baseUrl: undefined } },
      { provider: 'ollama', service: 'ollama', secret: { apiKey: 'none', baseUrl: 'http://localhost:11434' } },
    ])
    for (const { agent } of agents) expect(createAgentSchema.safeParse(agent).error).toBeUndefined()
  })
})
