import type { LlmTool } from '#shared/llm/llm-provider.ts'
import { digestOf } from '#shared/platform/digest.ts'
import type { Tool } from '#shared/protocol/tool.ts'

/**
 * What a person agrees to besides the arguments: all that a definition says, and the tool as it was offered to the model, which a server of the Model
 * Context Protocol may change without anybody here.
 *
 * @returns SHA-256, in hexadecimal
 */
export const toolHashOf = (definition: Tool, offered: LlmTool): string => digestOf([definition, offered])
