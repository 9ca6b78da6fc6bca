import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import type { ModelFacts } from '#shared/protocol/model.ts'

/** Tells a model of its answer's schema in words where it cannot be told otherwise. The answer is validated either way. */
export function schemaInWords(request: LlmRequest, { abilities }: ModelFacts): LlmRequest {
  if (!request.output || abilities?.output !== false) return request
  const { output, ...rest } = request
  const content = `Answer with JSON alone, without any text around it. It must fit this JSON Schema:\n${JSON.stringify(output.schema)}`
  return { ...rest, messages: [{ role: 'system', content }, ...request.messages] }
}
