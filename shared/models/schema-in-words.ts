import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import type { ModelFacts } from '#shared/protocol/model.ts'

/** Puts the schema of the answer into the prompt, for models without structured output. The answer is validated in any case. */
export function schemaInWords(request: LlmRequest, { abilities }: ModelFacts): LlmRequest {
  if (!request.output || abilities?.output !== false) return request
  const { output, ...rest } = request
  const content = `Answer with JSON alone, without any text around it. It must fit this JSON Schema:\n${JSON.stringify(output.schema)}`
  return { ...rest, messages: [{ role: 'system', content }, ...request.messages] }
}
