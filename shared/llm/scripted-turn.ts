import type { LlmMessage, LlmRequest } from './llm-provider.ts'
import { type LlmImage, messageImages } from './message-images.ts'
import { messageText } from './message-text.ts'
import { type ScriptedAnswerOptions, scriptedAnswer, tokensOf } from './scripted-answer.ts'
import { type ScriptedCall, scriptedCalls } from './scripted-calls.ts'
import { scriptedInstance } from './scripted-instance.ts'

/** What a scripted model says in one turn: a text in tokens, or calls of tools. */
export type ScriptedTurn = { tokens: string[]; calls: ScriptedCall[] }

export type ScriptedTurnOptions = ScriptedAnswerOptions & {
  /** Breaks JSON that is asked for, unless its last answer was broken already: so that a second try succeeds. @default false */
  badJson?: boolean | undefined
  /** Whatever is asked. @default false */
  refuses?: boolean | undefined
}

const REFUSAL = 'I cannot help with that.'

/** What is answered with instead of JSON. */
const BAD_JSON = '{"verdict": "APPROVE", "confidence":'

/** Longest part of a tool's result that is quoted. */
const QUOTE_LENGTH = 500

/** The next turn of a conversation: calls that the prompt tells, JSON that is asked for, what tools and images were, or plain English. */
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
