import type { LlmEvent, LlmMessage, LlmPart, LlmRequest, LlmState, LlmToolCall, StopReason } from '#shared/llm/llm-provider.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Reasoning } from './reasoning.ts'

/** What the model said at once. */
export type Turn = {
  text: string
  calls: LlmToolCall[]
  state?: LlmState | undefined
  stopReason: StopReason
}

export type TurnOptions = Pick<LlmRequest, 'output'> & {
  /** Whether it may call tools. @default false */
  mayCall?: boolean
  /** Where its words go, as they come. @default nowhere: whoever asked looks at them first */
  say?: ((text: string) => void) | undefined
}

/** Says text of the answer. */
export const sayContent =
  ({ stream }: Pick<Reasoning, 'stream'>) =>
  (text: string): void =>
    stream.write({ type: 'content_chunk', data: { text } })

/** Shows text that is no part of the answer. */
export const sayThought =
  ({ stream }: Pick<Reasoning, 'stream'>) =>
  (text: string): void =>
    stream.write({ type: 'thinking', data: { text } })

/**
 * Asks the model once.
 *
 * @throws ProviderError; SluiceError `content_filter` when the vendor would not let it speak, `network_error` when it was cut off; the signal's reason
 */
export async function takeTurn(
  reasoning: Pick<Reasoning, 'model' | 'request' | 'toolbox' | 'stream' | 'signal'>,
  messages: readonly LlmMessage[],
  { say, mayCall = false, output }: TurnOptions = {},
): Promise<Turn> {
  const { model, stream, signal } = reasoning
  signal.throwIfAborted()
  const request = {
    ...reasoning.request,
    ...toolsFor(reasoning, messages, mayCall),
    ...(output && { output: { name: output.name, schema: output.schema } }),
    messages: joinUsers(messages),
  }
  const turn: Turn = { text: '', calls: [], stopReason: 'end' }
  let ended = false
  for await (const event of model.stream(request, signal)) {
    signal.throwIfAborted()
    if (event.type === 'text') say?.(event.text)
    if (event.type === 'thinking') sayThought({ stream })(event.text)
    if (event.type === 'warning') await warn({ stream }, event.text)
    if (event.type === 'stop') ended = true
    hear(turn, event)
  }
  // A provider that ends its stream when it is aborted has not answered.
  signal.throwIfAborted()
  if (!ended) throw new SluiceError('network_error', 'the model was cut off in the middle of its answer')
  if (turn.stopReason === 'content_filter')
    throw new SluiceError('content_filter', 'the filter of the provider stopped the answer', { retryable: false })
  return turn
}

/** Some vendors want turns to alternate: what a pattern says behind the question is part of it. */
function joinUsers(messages: readonly LlmMessage[]): LlmMessage[] {
  const joined: LlmMessage[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (message.role !== 'user' || last?.role !== 'user') joined.push(message)
    else joined[joined.length - 1] = { role: 'user', content: joinContent(last.content, message.content) }
  }
  return joined
}

type UserContent = Extract<LlmMessage, { role: 'user' }>['content']

const joinContent = (one: UserContent, other: UserContent): UserContent =>
  typeof one === 'string' && typeof other === 'string' ? `${one}\n\n${other}` : [...partsOf(one), ...partsOf(other)]

const partsOf = (content: UserContent): LlmPart[] => (typeof content === 'string' ? [{ type: 'text', text: content }] : content)

/** Vendors want to be told of the tools that stand in the messages, also where none may be called. */
function toolsFor(
  { toolbox }: Pick<Reasoning, 'toolbox'>,
  messages: readonly LlmMessage[],
  mayCall: boolean,
): Pick<LlmRequest, 'tools' | 'toolChoice'> {
  const tools = [...toolbox.tools]
  if (mayCall) return tools.length > 0 ? { tools } : {}
  return messages.some(({ role }) => role === 'tool') ? { tools, toolChoice: 'none' } : {}
}

function hear(turn: Turn, event: LlmEvent): void {
  if (event.type === 'text') turn.text += event.text
  if (event.type === 'tool_call') turn.calls.push(event.call)
  if (event.type === 'state') turn.state = event.state
  if (event.type === 'stop') turn.stopReason = event.reason
}

/** Tells viewers that something was not done as it was asked. */
export const warn = ({ stream }: Pick<Reasoning, 'stream'>, text: string): Promise<void> =>
  stream.emit({ type: 'thinking', data: { text, status: 'warning' } })

/** Tells viewers what is being done. @param progress - in percent */
export const tell = ({ stream }: Pick<Reasoning, 'stream'>, text: string, status: string, progress?: number): Promise<void> =>
  stream.emit({ type: 'thinking', data: { text, status, ...(progress !== undefined && { progress: Math.round(progress) }) } })
