import { howToSetKey, type KeyChoice, keyServiceOf } from '#shared/llm/key-service.ts'
import { DEFAULT_SERVICE, resolveDefault, type StageModel } from '#shared/models/default-model.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { SecretStates } from '#shared/platform/secret-states.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'

/** What is known of keys without reading them. */
export type KeyKnowledge = {
  secretStates: SecretStates
  /** Prefix of the names of secrets. */
  platform: string
  /** The model of agents with the provider `default`, and the secret that the stage names for its key. */
  stageModel?: { model: StageModel | undefined; secret: string | undefined } | undefined
}

/** A secret that an agent's model needs. */
export type NeededSecret = { service: string; name: string }

/** Refuses to start an agent whose model cannot be called. */
export type RequireKeys = (agent: Agent) => Promise<void>

/** The secret of a model's key; undefined where it needs none, or where only a call decides which model it is. */
export function neededSecret(
  { platform, stageModel }: Omit<KeyKnowledge, 'secretStates'>,
  choice: KeyChoice,
): NeededSecret | undefined {
  const service = keyServiceOf(choice.provider === 'default' ? resolvedDefault(choice, stageModel?.model) : choice)
  if (service === undefined) return undefined
  const own = service === DEFAULT_SERVICE ? stageModel?.secret : undefined
  return { service, name: own ?? serviceSecretName(platform, service) }
}

const resolvedDefault = (choice: KeyChoice, model: StageModel | undefined): KeyChoice =>
  model ? resolveDefault({ ...choice, model: DEFAULT_SERVICE }, model) : choice

/** Secrets of a model and of those that stand in for it, each once. */
export function neededSecrets(knowledge: Omit<KeyKnowledge, 'secretStates'>, llm: LlmSettings): NeededSecret[] {
  const needed = [llm, ...(llm.fallbacks ?? [])].flatMap((choice) => neededSecret(knowledge, choice) ?? [])
  return [...new Map(needed.map((secret) => [secret.name, secret])).values()]
}

/**
 * Looks whether one of an agent's models has its key; whether the key works is seen when it is used. A secret that cannot be looked at now stops nobody.
 *
 * @throws SecretNotFoundError with the name of the secret, and the command that creates it; SluiceError `validation_error` when the stage has no
 *   default model
 */
export function requireKeys(knowledge: KeyKnowledge): RequireKeys {
  async function lacks(choice: KeyChoice): Promise<NeededSecret | undefined> {
    const secret = neededSecret(knowledge, choice)
    const { status } = secret ? await knowledge.secretStates.describe(secret.name) : { status: 'present' }
    return status === 'missing' || status === 'empty' ? secret : undefined
  }

  return async (agent) => {
    if (agent.kind !== 'llm') return
    const { llm } = agent
    if (llm.provider === 'default') resolveDefault(llm, knowledge.stageModel?.model)
    const [first, ...others] = await Promise.all([llm, ...(llm.fallbacks ?? [])].map(lacks))
    if (!first || others.some((missing) => !missing)) return
    throw new SecretNotFoundError(first.name, undefined, howToSetKey(first.service))
  }
}
