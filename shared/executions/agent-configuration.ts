import { isDeepStrictEqual } from 'node:util'
import { definitionOf } from '#shared/agents/definition-of.ts'
import { effectiveSetting, type Layers } from '#shared/agents/effective-setting.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import type { SecretStates } from '#shared/platform/secret-states.ts'
import { type Agent, createAgentSchema } from '#shared/protocol/agent.ts'
import type { AgentConfiguration, Setting } from '#shared/protocol/agent-configuration.ts'
import { retryPolicyOf } from './retry-policy.ts'

/** What the stage decides for agents that say nothing. */
export type AgentStage = { executionTimeoutSeconds: number; providerTimeoutSeconds: number }

export type ConfigurationDependencies = {
  secretStates: SecretStates
  /** Prefix of the names of secrets. */
  platform: string
  agentStage: AgentStage
}

/** Fields whose entries are settings of their own. */
const NESTED: ReadonlySet<string> = new Set(['llm', 'prompts', 'persona', 'retry', 'access', 'config'])

/** Providers whose key stands in a secret; the others need none, or the function's own rights. */
const WITH_KEY: ReadonlySet<string> = new Set(['openai'])

/**
 * Every setting that an agent runs with, and where it comes from. Of a secret its name is told, and whether it is there; nobody reads it for this.
 */
export async function agentConfiguration(
  { secretStates, platform, agentStage }: ConfigurationDependencies,
  agent: Agent,
): Promise<AgentConfiguration> {
  const secretName = secretNameOf(agent, platform)
  const secret = secretName && { name: secretName, exists: (await secretStates.describe(secretName)).status === 'present' }
  const layers = new Map<string, Layers>()
  const add = (name: string, layer: Layers): void => void layers.set(name, { ...layers.get(name), ...layer })

  for (const [name, value] of flattened(definitionOf(agent))) add(name, { explicit: value })
  add('timeoutSeconds', { environment: agentStage.executionTimeoutSeconds })
  if (agent.kind === 'llm') add('llm.timeoutSeconds', { environment: agentStage.providerTimeoutSeconds })
  if (secret) for (const name of ['llm.apiKey', 'llm.baseUrl']) add(name, { secret })
  for (const [name, value] of flattened(defaultsOf(agent))) add(name, { default: value })

  const settings = [...layers].flatMap(([name, layer]) => effectiveSetting(name, unsaid(layer)) ?? [])
  return { agentId: agent.agentId, settings: settings.sort(byName) }
}

function secretNameOf(agent: Agent, platform: string): string | undefined {
  if (agent.kind !== 'llm' || !WITH_KEY.has(agent.llm.provider)) return undefined
  return serviceSecretName(platform, agent.llm.service ?? agent.llm.provider)
}

/** A definition stores defaults too: what says no more than they do was not said. */
const unsaid = (layers: Layers): Layers =>
  isDeepStrictEqual(layers.explicit, layers.default) ? { ...layers, explicit: undefined } : layers

function defaultsOf(agent: Agent): Record<string, unknown> {
  const { name: _, prompts: __, autoStart: ___, ...defaults } = createAgentSchema.parse({ name: agent.name })
  const thought = agent.kind === 'llm' && { reasoningPattern: 'direct', llm: { service: agent.llm.provider } }
  return { ...defaults, retry: retryPolicyOf({}, undefined), ...thought }
}

function* flattened(fields: object): Generator<[string, NonNullable<Setting['value']>]> {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue
    if (!NESTED.has(name)) yield [name, value]
    else
      for (const [inner, setting] of Object.entries(value))
        if (setting !== undefined) yield [`${name}.${inner}`, setting as never]
  }
}

const byName = (one: Setting, other: Setting): number => (one.name < other.name ? -1 : 1)
