import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { estimateTokens } from '#shared/models/estimate-tokens.ts'
import { findFacts } from '#shared/models/find-facts.ts'
import type { ModelSettings } from '#shared/models/model-settings.ts'
import { prepareRequest } from '#shared/models/prepare-request.ts'
import { schemaInWords } from '#shared/models/schema-in-words.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { buildPrompt, contextInstructionsOf } from '#shared/prompts/build-prompt.ts'
import { promptVariables } from '#shared/prompts/prompt-variables.ts'
import { variablesIn } from '#shared/prompts/render-template.ts'
import type { LlmAgent } from '#shared/protocol/agent.ts'
import type { OutputSettings, Prompts } from '#shared/protocol/agent-thought.ts'
import type { LlmSettings } from '#shared/protocol/llm.ts'
import { type ModelFacts, vendorSchema } from '#shared/protocol/model.ts'
import type { PromptPreview } from '#shared/protocol/prompt.ts'
import { requestOf } from '#shared/reasoning/request-of.ts'

export type PreviewRequest = {
  tenant: string
  agentName: string
  persona?: LlmAgent['persona']
  prompts: Prompts
  input: unknown
  /** Model that would be asked; absent where there is none yet. */
  llm?: LlmSettings | undefined
  output?: OutputSettings | undefined
}

/**
 * What a model would be told, and what it would not do as it is asked. Nothing is called.
 *
 * @throws ValidationError for a variable that nobody knows, in any of the prompts
 */
export async function previewPrompt(
  { modelOverrides, clock }: Pick<ModelSettings, 'modelOverrides'> & { clock: Clock },
  { tenant, agentName, persona, prompts, input, llm, output }: PreviewRequest,
): Promise<PromptPreview> {
  const variables = promptVariables({ input, agentName, now: timestamp(clock) })
  const contextInstructions = contextInstructionsOf(prompts, variables)
  const used = Object.values(prompts).flatMap((template) => variablesIn(template ?? ''))
  const facts = llm ? findFacts(await modelOverrides.list(tenant), llm) : {}
  const asked: LlmRequest = {
    ...(llm ? requestOf(llm) : { model: '' }),
    messages: buildPrompt({ persona, prompts, input, variables }),
    ...(output && { output: { name: output.name ?? 'answer', schema: output.schema } }),
  }
  const request = schemaInWords(asked, facts)
  return {
    messages: request.messages.map(({ role, content }) => ({
      role,
      content: typeof content === 'string' ? content : JSON.stringify(content),
    })),
    ...(contextInstructions && { contextInstructions }),
    ...(output && { output: { schema: output.schema, inWords: request.output === undefined } }),
    variables: { known: Object.keys(variables).sort(), used: [...new Set(used)] },
    tokens: estimateTokens(request),
    warnings: llm ? warningsOf(request, llm, facts) : [],
  }
}

/** Models that stand for others are not known before they are asked. */
function warningsOf(request: LlmRequest, { provider }: LlmSettings, facts: ModelFacts): string[] {
  const vendor = vendorSchema.safeParse(provider)
  if (!vendor.success) return []
  try {
    return prepareRequest(request, vendor.data, facts).warnings
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    return [error.message]
  }
}
