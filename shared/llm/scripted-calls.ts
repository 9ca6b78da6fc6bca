import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import type { LlmRequest, LlmToolCall } from './llm-provider.ts'
import { messageText } from './message-text.ts'
import { scriptedInstance } from './scripted-instance.ts'

/** A call without its id. */
export type ScriptedCall = Omit<LlmToolCall, 'callId'>

/**
 * The calls that a scripted model makes in this turn, as the last prompt says: `call weather {"city":"Oslo"}`. Several are made one per turn, in
 * order, or all in one turn if the prompt contains "at once". Only offered tools are called. A model that must call a tool, but was told none,
 * calls the first one with arguments that fit its schema.
 */
export function scriptedCalls({ messages, tools = [], toolChoice }: ScriptedCallsRequest): ScriptedCall[] {
  if (toolChoice === 'none' || tools.length === 0) return []
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const prompt = messages[asked] ? messageText(messages[asked]) : ''
  const answered = messages.slice(asked + 1).filter(({ role }) => role === 'tool').length
  const told = callsIn(
    prompt,
    tools.map(({ name }) => name),
  )
  const [first] = tools
  if (told.length === 0 && toolChoice === 'required' && answered === 0 && first) {
    return [{ toolName: first.name, arguments: JSON.stringify(scriptedInstance(first.parameters, prompt)) }]
  }
  if (/\bat once\b/i.test(prompt)) return answered === 0 ? told : []
  return told.slice(answered, answered + 1)
}

type ScriptedCallsRequest = Pick<LlmRequest, 'messages' | 'tools' | 'toolChoice'>

/** The calls that a prompt asks for, in order. Only a JSON object right after the name counts as arguments. */
function callsIn(prompt: string, names: readonly string[]): ScriptedCall[] {
  return [...prompt.matchAll(/\bcall\s+([\w.-]+)\s*/gi)].flatMap((match) => {
    const toolName = names.find((name) => name === match[1])
    return toolName ? [{ toolName, arguments: objectAt(prompt, match.index + match[0].length) }] : []
  })
}

/** The JSON object that starts at a position of a text; `{}` if there is none. */
function objectAt(text: string, start: number): string {
  if (text[start] !== '{') return '{}'
  for (let end = text.indexOf('}', start); end !== -1; end = text.indexOf('}', end + 1)) {
    const candidate = text.slice(start, end + 1)
    if (jsonOrUndefined(candidate) !== undefined) return candidate
  }
  return '{}'
}
