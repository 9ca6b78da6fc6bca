import { jsonOrUndefined } from '#shared/platform/json-or-undefined.ts'
import type { LlmRequest, LlmToolCall } from './llm-provider.ts'
import { messageText } from './message-text.ts'
import { scriptedInstance } from './scripted-instance.ts'

/** A call without its id. */
export type ScriptedCall = Omit<LlmToolCall, 'callId'>

/**
 * The calls that a scripted model makes in this turn. The last prompt says them: `call weather {"city":"Oslo"}`, one a turn in the order in which
 * they stand, or all in one turn when it also says "at once". Only tools that are offered are called; a model that must call one and was
 * told none takes the first, with arguments that fit.
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

/** What a prompt tells to call, in order. What follows a name and is no JSON object is not its arguments. */
function callsIn(prompt: string, names: readonly string[]): ScriptedCall[] {
  return [...prompt.matchAll(/\bcall\s+([\w.-]+)\s*/gi)].flatMap((match) => {
    const toolName = names.find((name) => name === match[1])
    return toolName ? [{ toolName, arguments: objectAt(prompt, match.index + match[0].length) }] : []
  })
}

/** The JSON object that begins at a place of a text; an empty one when none does. */
function objectAt(text: string, start: number): string {
  if (text[start] !== '{') return '{}'
  for (let end = text.indexOf('}', start); end !== -1; end = text.indexOf('}', end + 1)) {
    const candidate = text.slice(start, end + 1)
    if (jsonOrUndefined(candidate) !== undefined) return candidate
  }
  return '{}'
}
