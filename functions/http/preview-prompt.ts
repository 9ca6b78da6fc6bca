import type { LlmMessage } from '#shared/llm/llm-provider.ts'
import { estimateTokens } from '#shared/models/estimate-tokens.ts'
import { findFacts } from '#shared/models/find-facts.ts'
import type { ModelSettings } from '#shared/models/model-settings.ts'
import { prepareRequest } from '#shared/models/prepare-request.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { buildPrompt } from '#shared/prompts/build-prompt.ts'
import { promptVariables } from '#shared/prompts/prompt-variables.ts'
import { variablesIn } from '#shared/prompts/render-template.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { Prompts } from '#shared/protocol/agent-thought.ts'
import { generationSchema, type LlmSettings } from '#shared/protocol/llm.ts'
import { vendorSchema } from '#shared/protocol/model.ts'
import type { PromptPreview } from '#shared/protocol/prompt.ts'

export type PreviewRequest = {
  tenant: string
  agentName: string
  persona?: LlmAgent['persona']
  prompts: Prompts
  input: unknown
  /** Model that would be asked; absent where there is none yet. */
  llm?: LlmSettings | undefined
}

/**
 * What a model would be told, and what it would not do as it is asked. Nothing is called.
 *
 * @throws ValidationError for a variable that nobody knows
 */
export async function previewPrompt(
  { modelOverrides, clock }: Pick<ModelSettings, 'modelOverrides'> & { clock: Clock },
  { tenant, agentName, persona, prompts, input, llm }: PreviewRequest,
): Promise<PromptPreview> {
  const variables = promptVariables({ input, agentName, now: timestamp(clock) })
  const messages = buildPrompt({ persona, prompts, input, variables })
  const used = Object.values(prompts).flatMap((template) => variablesIn(template ?? ''))
  const facts = llm ? findFacts(await modelOverrides.list(tenant), llm) : {}
  return {
    messages: messages.map(({ role, content }) => ({
      role,
      content: typeof content === 'string' ? content : JSON.stringify(content),
    })),
    variables: { known: Object.keys(variables).sort(), used: [...new Set(used)] },
    tokens: estimateTokens({ messages }),
    warnings: llm ? warningsOf(messages, llm, facts) : [],
  }
}

/** Models that stand for others are not known before they are asked. */
function warningsOf(messages: LlmMessage[], llm: LlmSettings, facts: ReturnType<typeof findFacts>): string[] {
  const vendor = vendorSchema.safeParse(llm.provider)
  if (!vendor.success) return []
  const generation = generationSchema.strip().parse(llm)
  try {
    return prepareRequest({ ...generation, model: llm.model, messages }, vendor.data, facts).warnings
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    return [error.message]
  }
}
