import type { StreamEventBody } from '#shared/protocol/stream-event.ts'
import { cutText } from '#shared/tools/cut-text.ts'
import type { ToolResult } from '#shared/tools/toolbox.ts'
import type { OpenCall } from './thread.ts'

/** Largest part of a frame that arguments or a result may take, in bytes of JSON: with everything around, an event fits a frame. */
const MAX_SHOWN_BYTES = 16 * 1024

type CallBody = Extract<StreamEventBody, { type: 'tool_call' }>

/** A call as viewers see it. What is no JSON, or too large, is shown as the text that the model wrote, or its beginning. */
export const shownCall = (
  { callId, toolName }: OpenCall,
  json: string,
  approval?: CallBody['data']['approval'],
): StreamEventBody => ({
  type: 'tool_call',
  data: { callId, toolName, arguments: shownJson(json), ...(approval && { approval }) },
})

export const shownResult = ({ callId, toolName }: OpenCall, { content, isError }: ToolResult): StreamEventBody => ({
  type: 'tool_result',
  data: { callId, toolName, result: shownText(content), ...(isError && { isError }) },
})

function shownJson(json: string): CallBody['data']['arguments'] {
  try {
    const value = json.trim() === '' ? {} : JSON.parse(json)
    return bytesOf(value) <= MAX_SHOWN_BYTES ? value : shownText(json)
  } catch {
    return shownText(json)
  }
}

/** A character takes between one byte and six of JSON. */
function shownText(text: string): string {
  let shown = cutText(text, MAX_SHOWN_BYTES)
  for (let bytes = MAX_SHOWN_BYTES / 2; bytesOf(shown) > MAX_SHOWN_BYTES; bytes /= 2) shown = cutText(text, bytes)
  return shown
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
