import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/client'
import { shownValue, type ToolOutput } from './open-tool.ts'
import { plainText } from './plain-text.ts'

/** A server's answer as text for the model: texts as they are; images and other content are only mentioned. */
export function mcpOutput({ content, structuredContent, isError = false }: CallToolResult): ToolOutput {
  const texts = content.map(shownBlock)
  // Servers that send both send the same content twice.
  const onlyStructured = structuredContent !== undefined && !content.some(({ type }) => type === 'text')
  if (onlyStructured) texts.push(shownValue(structuredContent))
  return { content: texts.join('\n') || 'done, without a text', isError }
}

function shownBlock(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text
    case 'image':
    case 'audio':
      return `[${block.type}, ${short(block.mimeType)}, ${bytesOf(block.data)} bytes: not shown]`
    case 'resource_link':
      return `[link: ${short(block.name)} ${short(block.uri)}${block.description === undefined ? '' : `: ${short(block.description)}`}]`
    case 'resource': {
      const { uri, mimeType = 'unknown type' } = block.resource
      if ('text' in block.resource) return `[${short(uri)}]\n${block.resource.text}`
      return `[${short(uri)}, ${short(mimeType)}, ${bytesOf(block.resource.blob)} bytes: not shown]`
    }
  }
}

const short = (text: string): string => plainText(text, 300)

const bytesOf = (base64: string): number => Buffer.byteLength(base64, 'base64')
