import type { LlmMessage, LlmRequest } from './llm-provider.ts'
import { type LlmImage, messageImages } from './message-images.ts'
import { messageText } from './message-text.ts'
import { type ScriptedAnswerOptions, scriptedAnswer, tokensOf } from './scripted-answer.ts'
import { type ScriptedCall, scriptedCalls } from './scripted-calls.ts'
import { scriptedInstance } from './scripted-instance.ts'

/** What a scripted model does in one turn: a text, as tokens, or calls of tools. */
export type ScriptedTurn = { tokens: string[]; calls: ScriptedCall[] }

export type ScriptedTurnOptions = ScriptedAnswerOptions & {
  /** Answers with broken JSON when JSON is asked for, but not twice in a row, so that a repair succeeds. @default false */
  badJson?: boolean | undefined
  /** Refuses every question. @default false */
  refuses?: boolean | undefined
}

const REFUSAL = 'I cannot help with that.'

/** The broken JSON. */
const BAD_JSON = '{"verdict": "APPROVE", "confidence":'

/** Longest part of a tool's result that is quoted. */
const QUOTE_LENGTH = 500

/** The next turn of a conversation: calls that the prompt asks for, JSON by the schema, a report on tool results or images, or plain English. */
export function scriptedTurn(request: ScriptedTurnRequest, options: ScriptedTurnOptions = {}): ScriptedTurn {
  if (options.refuses) return { tokens: tokensOf(REFUSAL), calls: [] }
  const calls = scriptedCalls(request)
  return calls.length > 0 ? { tokens: [], calls } : { tokens: spoken(request, options), calls: [] }
}

type ScriptedTurnRequest = Pick<LlmRequest, 'messages' | 'tools' | 'toolChoice' | 'output'>

function spoken({ messages, output }: ScriptedTurnRequest, options: ScriptedTurnOptions): string[] {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const prompt = promptOf(messages)
  if (output) {
    const before = messages.findLast(({ role }) => role === 'assistant')?.content
    const broken = options.badJson && before !== BAD_JSON
    return tokensOf(broken ? BAD_JSON : JSON.stringify(scriptedInstance(output.schema, prompt)))
  }
  const results = messages.slice(asked + 1).filter((message) => message.role === 'tool')
  if (results.length > 0) return tokensOf(results.map(quoted).join(' '))
  const images = messages[asked] ? messageImages(messages[asked]) : []
  if (images.length > 0) return tokensOf(images.map(seen).join(' '))
  return scriptedAnswer(prompt, options)
}

/** The last thing that a user said. */
export function promptOf(messages: readonly LlmMessage[]): string {
  const asked = messages.findLast(({ role }) => role === 'user')
  return asked ? messageText(asked) : ''
}

const quoted = ({ toolName, content, isError }: Extract<LlmMessage, { role: 'tool' }>): string =>
  `${toolName} ${isError ? 'failed' : 'said'}: ${content.slice(0, QUOTE_LENGTH)}`

const seen = ({ mediaType, data }: LlmImage): string => `I see an image of the type ${mediaType}, ${data.length} bytes long.`
