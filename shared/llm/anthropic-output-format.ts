import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema'
import type { JSONOutputFormat } from '@anthropic-ai/sdk/resources/messages/messages'
import type { JsonSchema } from './llm-provider.ts'

/**
 * The schema of an answer as the API takes it: all objects closed, and unsupported keywords moved into descriptions.
 *
 * @returns undefined for a schema that the API cannot express: objects with arbitrary keys (it would force them to be empty), parts without a type
 */
export function anthropicOutputFormat(schema: JsonSchema): JSONOutputFormat | undefined {
  if (hasOpenObjects(schema)) return undefined
  try {
    return { type: 'json_schema', schema: transformJSONSchema(schema) }
  } catch {
    return undefined
  }
}

function hasOpenObjects(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  if (Array.isArray(node)) return node.some(hasOpenObjects)
  if ('type' in node && node.type === 'object') {
    if (!('properties' in node)) return true
    if ('additionalProperties' in node && node.additionalProperties !== false) return true
  }
  return Object.values(node).some(hasOpenObjects)
}
