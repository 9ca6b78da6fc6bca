import { howToSetKey, type KeyChoice, keyServiceOf } from '#shared/llm/key-service.ts'
import { isBuiltIn } from '#shared/models/built-in-rules.ts'
import { DEFAULT_CHOICE, DEFAULT_SERVICE, resolveDefault, type StageModel, standsIn } from '#shared/models/default-model.ts'
import type { TenantList } from '#shared/models/tenant-list.ts'
import { ruleNamed } from '#shared/models/virtual-models.ts'
import { serviceSecretName } from '#shared/platform/names.ts'
import { SecretNotFoundError } from '#shared/platform/secret-not-found-error.ts'
import type { SecretStates } from '#shared/platform/secret-states.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import type { LlmSettings, ModelChoice } from '#shared/protocol/llm.ts'
import type { NamedVirtualModel } from '#shared/protocol/model.ts'

/** What is known of keys without reading them. */
export type KeyKnowledge = {
  secretStates: SecretStates
  /** Prefix of the names of secrets. */
  platform: string
  /** The model of agents with the provider `default`, and the secret that the stage names for its key. */
  stageModel?: { model: StageModel | undefined; secret: string | undefined } | undefined
}

/** What is known of a stage's own model. */
type StageKnowledge = Pick<KeyKnowledge, 'platform' | 'stageModel'>

/** A secret that an agent's model needs. */
export type NeededSecret = { service: string; name: string }

/** Refuses to start an agent whose model cannot be called. */
export type RequireKeys = (tenant: string, agent: Agent) => Promise<void>

export type RequireKeysDependencies = KeyKnowledge & {
  /** Models that are rules: those of each tenant. */
  virtualModelRules: Pick<TenantList<NamedVirtualModel>, 'list'>
}

/** The secret of a model's key; undefined where it needs none, or where only a call decides which model it is. */
export function neededSecret({ platform, stageModel }: StageKnowledge, choice: KeyChoice): NeededSecret | undefined {
  const service = keyServiceOf(
    choice.provider === 'default' ? resolvedDefault({ ...DEFAULT_CHOICE, ...choice }, stageModel?.model) : choice,
  )
  if (service === undefined) return undefined
  const own = service === DEFAULT_SERVICE ? stageModel?.secret : undefined
  return { service, name: own ?? serviceSecretName(platform, service) }
}

type Asked = KeyChoice & ModelChoice

const resolvedDefault = (choice: Asked, model: StageModel | undefined): Asked => (model ? resolveDefault(choice, model) : choice)

/** Settings that say headers may name a secret for each. */
type CallChoice = KeyChoice & Pick<LlmSettings, 'headers'>

/** The secrets without which a model cannot be called: that of its key, and those of its headers. */
function secretsOf(knowledge: StageKnowledge, choice: CallChoice): NeededSecret[] {
  const key = neededSecret(knowledge, choice)
  const services = Object.values(choice.headers ?? {}).flatMap((value) => (typeof value === 'string' ? [] : [value.secret]))
  const headers = services.map((service) => ({ service, name: serviceSecretName(knowledge.platform, service) }))
  return key ? [key, ...headers] : headers
}

/** Secrets of a model and of those that stand in for it, each once. */
export function neededSecrets(knowledge: StageKnowledge, llm: LlmSettings): NeededSecret[] {
  const needed = [llm, ...(llm.fallbacks ?? [])].flatMap((choice) => secretsOf(knowledge, choice))
  return [...new Map(needed.map((secret) => [secret.name, secret])).values()]
}

/** The first secret of a model that is not there; one that cannot be looked at now counts as there. */
async function missingSecret(knowledge: KeyKnowledge, choice: CallChoice): Promise<NeededSecret | undefined> {
  for (const secret of secretsOf(knowledge, choice)) {
    const { status } = await knowledge.secretStates.describe(secret.name)
    if (status === 'missing' || status === 'empty') return secret
  }
  return undefined
}

/** Whether a model can be called, as far as its key goes. */
export const hasKey =
  (knowledge: KeyKnowledge) =>
  async (choice: KeyChoice): Promise<boolean> =>
    (await missingSecret(knowledge, choice)) === undefined

/**
 * Looks whether one of an agent's models has its key; whether the key works is seen when it is used. A secret that cannot be looked at now stops nobody.
 *
 * @throws SecretNotFoundError with the name of the secret, and the command that creates it; SluiceError `validation_error` when the stage has no
 *   default model, or a virtual one does not exist
 */
export function requireKeys(knowledge: RequireKeysDependencies): RequireKeys {
  return async (tenant, agent) => {
    const llm = agent.kind === 'remote' ? undefined : agent.llm
    if (!llm) return
    if (llm.provider === 'default') resolveDefault(llm, knowledge.stageModel?.model)
    const choices = await choicesOf(knowledge, tenant, llm)
    const [first, ...others] = await Promise.all(choices.map((choice) => missingSecret(knowledge, choice)))
    if (!first || others.some((missing) => !missing)) return
    throw new SecretNotFoundError(first.name, undefined, howToSetKey(first.service))
  }
}

/** Models that may be asked for settings: for `default` the stage's, for `virtual` the candidates of its rule. */
async function choicesOf(
  { stageModel, virtualModelRules }: RequireKeysDependencies,
  tenant: string,
  llm: LlmSettings,
): Promise<CallChoice[]> {
  const asked = [llm, ...(llm.fallbacks ?? [])].map((choice) => resolvedDefault(choice, stageModel?.model))
  if (!asked.some(({ provider }) => provider === 'virtual')) return asked
  const own = await virtualModelRules.list(tenant)
  return asked.flatMap((choice): CallChoice[] => {
    if (choice.provider !== 'virtual') return [choice]
    const rule = ruleNamed(choice.model, own)
    return isBuiltIn(rule) && standsIn(stageModel?.model) ? [...rule.candidates, DEFAULT_CHOICE] : rule.candidates
  })
}
