import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { DEFAULT_SERVICE } from '#shared/models/default-model.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { AgentDefinition } from '#shared/protocol/agent.ts'
import type { LocalEnvironment } from './environment.ts'
import { LocalCloudError } from './local-cloud-error.ts'
import { putSecret } from './secrets.ts'

/** A key, and what it is for. */
export type ServiceKey = { service: string; secret: { apiKey: string; baseUrl?: string | undefined } }

/** A model server, its key, and an agent that uses it. */
export type DemoAgent = ServiceKey & {
  agent: AgentDefinition & { agentId: string }
}

const SYSTEM_PROMPT = 'You are a helpful assistant. Answer in plain text, in a few short paragraphs.'

/** The agents of the demo: `assistant` and `researcher` on the scripted model, and one for each real model server that the environment names. */
export function demoAgents(scriptedLlmUrl: string, { openai, ollama }: LocalEnvironment): DemoAgent[] {
  const agents = [
    demoAgent({
      agentId: 'assistant',
      name: 'Assistant',
      description: 'Answers from a script, without a model or a key.',
      service: 'demo',
      secret: { apiKey: 'local', baseUrl: scriptedLlmUrl },
      model: 'scripted-1',
      topics: ['questions'],
    }),
    researcher(scriptedLlmUrl),
  ]
  if (openai) {
    const { apiKey, baseUrl, model } = openai
    agents.push(demoAgent({ agentId: 'openai', name: 'OpenAI', service: 'openai', secret: { apiKey, baseUrl }, model }))
  }
  if (ollama) {
    // Ollama asks for no key; the secret is what allows its address.
    const secret = { apiKey: 'none', baseUrl: ollama.url }
    agents.push(
      demoAgent({ agentId: 'ollama', name: 'Ollama', provider: 'ollama', service: 'ollama', secret, model: ollama.model }),
    )
  }
  return agents
}

/** An agent with tools of three kinds; its model calls what a prompt says: `call order_status {"orderId": "A-1001"}`. */
function researcher(scriptedLlmUrl: string): DemoAgent {
  const { agent, ...key } = demoAgent({
    agentId: 'researcher',
    name: 'Researcher',
    description:
      'Uses tools: a function, a server of the Model Context Protocol, another agent. A person approves every look at an order.',
    service: 'demo',
    secret: { apiKey: 'local', baseUrl: scriptedLlmUrl },
    model: 'scripted-1',
  })
  return { ...key, agent: { ...agent, reasoningPattern: 'react', tools: researchTools(scriptedLlmUrl) } }
}

const researchTools = (scriptedLlmUrl: string): AgentDefinition['tools'] => [
  {
    type: 'lambda',
    name: 'order_status',
    description: 'Where an order is. Orders are numbered A-1000 to A-9999.',
    parameters: { type: 'object', properties: { orderId: { type: 'string' } }, required: ['orderId'] },
    function: 'order-status',
    approval: 'always',
  },
  { type: 'mcp', name: 'docs', url: new URL('/mcp', scriptedLlmUrl).href, allow: ['search_docs', 'word_count'] },
  {
    type: 'agent',
    name: 'ask_echo',
    description: 'Asks the agent that repeats what it is told.',
    agentId: 'echo',
  },
  { type: 'builtin', name: 'current_time' },
]

type DemoAgentProps = {
  agentId: string
  name: string
  description?: string
  /** @default 'openai' */
  provider?: 'openai' | 'ollama'
  service: string
  secret: DemoAgent['secret']
  model: string
  topics?: string[]
}

function demoAgent({ provider = 'openai', service, secret, model, topics = [], ...agent }: DemoAgentProps): DemoAgent {
  return {
    service,
    secret,
    agent: {
      ...agent,
      topics,
      llm: { provider, model, service },
      prompts: { system: SYSTEM_PROMPT },
      autoStart: true,
    },
  }
}

/** Keys that the developer's environment has besides: agents of their own use them. */
export function environmentKeys({ keys, llm }: LocalEnvironment): ServiceKey[] {
  const own =
    llm?.apiKey === undefined ? [] : [{ service: DEFAULT_SERVICE, secret: { apiKey: llm.apiKey, baseUrl: llm.endpoint } }]
  return [...Object.entries(keys).map(([service, secret]) => ({ service, secret })), ...own]
}

/** Stores the keys of the agents' model servers, under the names that the functions look for. */
export async function storeProviderSecrets(
  client: SecretsManagerClient,
  platform: string,
  keys: readonly ServiceKey[],
): Promise<void> {
  for (const { service, secret } of keys) await putSecret(client, serviceSecretName(platform, service), JSON.stringify(secret))
}

/**
 * Registers the agents; one that exists stays as it is.
 *
 * @throws LocalCloudError when the API refuses one
 */
export async function registerAgents(baseUrl: string, token: string, agents: DemoAgent[]): Promise<void> {
  for (const { agent } of agents) {
    const response = await fetch(new URL('/v1/agents', baseUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(agent),
      signal: AbortSignal.timeout(30_000),
    })
    if (response.ok || response.status === 409) continue
    throw new LocalCloudError(
      `the agent "${agent.agentId}" was refused (${response.status}): ${await response.text()}`,
      'begin anew: npm start -- --reset',
    )
  }
}
