import type { LlmTool } from '#shared/llm/llm-provider.ts'
import { digestOf } from '#shared/platform/digest.ts'
import type { Tool } from '#shared/protocol/tool.ts'

/**
 * Identifies what a person approves besides the arguments: the whole definition, and the tool as it was offered to the model, which an MCP server may
 * change at any time.
 *
 * @returns SHA-256, in hexadecimal
 */
export const toolHashOf = (definition: Tool, offered: LlmTool): string => digestOf([definition, offered])
