import { isDeepStrictEqual } from 'node:util'
import { definitionOf } from '#shared/agents/definition-of.ts'
import { effectiveSetting, type Layers } from '#shared/agents/effective-setting.ts'
import { type Agent, createAgentSchema } from '#shared/protocol/agent.ts'
import type { AgentConfiguration, Setting } from '#shared/protocol/agent-configuration.ts'
import { type KeyKnowledge, neededSecret } from './require-keys.ts'
import { retryPolicyOf } from './retry-policy.ts'

/** What the stage decides for agents that say nothing. */
export type AgentStage = { executionTimeoutSeconds: number; providerTimeoutSeconds: number }

export type ConfigurationDependencies = KeyKnowledge & { agentStage: AgentStage }

/** Fields whose entries are settings of their own. */
const NESTED: ReadonlySet<string> = new Set(['llm', 'prompts', 'persona', 'retry', 'access', 'config'])

/**
 * Every setting that an agent runs with, and where it comes from. Of a secret its name is told, and whether it is there; nobody reads it for this.
 */
export async function agentConfiguration(dependencies: ConfigurationDependencies, agent: Agent): Promise<AgentConfiguration> {
  const { secretStates, agentStage } = dependencies
  const llm = agent.kind === 'remote' ? undefined : agent.llm
  const needed = llm && neededSecret(dependencies, llm)
  const secret = needed && { name: needed.name, exists: (await secretStates.describe(needed.name)).status === 'present' }
  const layers = new Map<string, Layers>()
  const add = (name: string, layer: Layers): void => void layers.set(name, { ...layers.get(name), ...layer })

  for (const [name, value] of flattened(definitionOf(agent))) add(name, { explicit: value })
  add('timeoutSeconds', { environment: agentStage.executionTimeoutSeconds })
  if (llm) add('llm.timeoutSeconds', { environment: agentStage.providerTimeoutSeconds })
  if (secret) for (const name of ['llm.apiKey', 'llm.baseUrl']) add(name, { secret })
  for (const [name, value] of flattened(defaultsOf(agent))) add(name, { default: value })

  const settings = [...layers].flatMap(([name, layer]) => effectiveSetting(name, unsaid(layer)) ?? [])
  return { agentId: agent.agentId, settings: settings.sort(byName) }
}

/** A definition stores defaults too: what says no more than they do was not said. */
const unsaid = (layers: Layers): Layers =>
  isDeepStrictEqual(layers.explicit, layers.default) ? { ...layers, explicit: undefined } : layers

function defaultsOf(agent: Agent): Record<string, unknown> {
  const { name: _, prompts: __, autoStart: ___, ...defaults } = createAgentSchema.parse({ name: agent.name })
  return {
    ...defaults,
    retry: retryPolicyOf({}, undefined),
    ...(agent.kind === 'llm' && { reasoningPattern: 'direct' }),
    ...(agent.kind !== 'remote' && agent.llm && { llm: { service: agent.llm.provider } }),
  }
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
