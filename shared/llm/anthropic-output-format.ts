import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema'
import type { JSONOutputFormat } from '@anthropic-ai/sdk/resources/messages/messages'
import type { JsonSchema } from './llm-provider.ts'

/**
 * The schema of an answer as the API takes it: all objects closed, and keywords that it would refuse said in words.
 *
 * @returns undefined for a schema that cannot be told so: one with objects of any keys, which would have to be empty, or with parts of no type
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
