import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { LlmRequest } from '#shared/llm/llm-provider.ts'
import { messageText } from '#shared/llm/message-text.ts'
import { pace } from '#shared/llm/pace.ts'
import { countTokens, scriptedThinking, tokensOf } from '#shared/llm/scripted-answer.ts'
import { promptOf, type ScriptedTurn, scriptedTurn } from '#shared/llm/scripted-turn.ts'
import { sleep } from '#shared/platform/clock.ts'
import type { CallRecord } from './call-log.ts'
import { type ChatAnswer, type ChatUsage, chunk, completion, errorBody, toolCallId, usageChunk } from './chat-completion.ts'
import type { ChatRequest } from './chat-request.ts'
import { type Switches, withoutFaults } from './switches.ts'

/** A call to be played: what was asked, how it shall go, and the record that is kept of it. */
export type Call = {
  request: ChatRequest
  /** The same as a script takes it, without directives. */
  asked: LlmRequest
  switches: Switches
  record: CallRecord
  /** Aborts when the connection is closed before the answer is complete. */
  signal: AbortSignal
}

const DEFAULT_RATE = 100
const DEFAULT_RETRY_AFTER = 1
const TOKENS_BEFORE_STOP = 8

/** Answers one call of the model as its switches say. */
export async function play(call: Call, response: ServerResponse): Promise<void> {
  const switches =
    call.record.attempt > (call.switches.times ?? Number.POSITIVE_INFINITY) ? withoutFaults(call.switches) : call.switches
  if (switches.status) return refuse(response, call.record, switches.status, switches.retryAfter)

  const { request, asked, record, signal } = call
  const script = scriptOf(request, asked, switches)
  const answer = { id: `chatcmpl-${record.number}`, created: Math.floor(Date.now() / 1_000), model: request.model }

  await sleep(switches.delay ?? 0, signal)
  record.status = 200
  if (request.stream) return stream({ ...call, switches }, script, answer, response)
  record.tokens = script.tokens.length
  const said = { text: script.tokens.join(''), refused: script.refused, calls: script.calls }
  sendJson(response, 200, completion(answer, said, script.finishReason, usageOf(asked, script)))
}

type Script = ScriptedTurn & { thinking: string[]; refused: boolean; finishReason: string }

function scriptOf(request: ChatRequest, asked: LlmRequest, { stop, thinking = 0, tokens, utf8, badJson }: Switches): Script {
  const turn = scriptedTurn(asked, { tokens, multiByte: utf8, badJson, refuses: stop === 'refusal' })
  const longest = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY
  const limit = Math.min(longest, stop ? TOKENS_BEFORE_STOP : Number.POSITIVE_INFINITY)
  const refused = stop === 'refusal'
  const cut = turn.tokens.length > limit
  return {
    thinking: scriptedThinking(promptOf(asked.messages), thinking),
    tokens: turn.tokens.slice(0, limit),
    calls: turn.calls,
    refused,
    finishReason: refused ? 'stop' : (stop ?? (turn.calls.length > 0 ? 'tool_calls' : cut ? 'length' : 'stop')),
  }
}

async function stream(call: Call, script: Script, answer: ChatAnswer, response: ServerResponse): Promise<void> {
  const { request, asked, switches, record, signal } = call
  const send = async (data: string) => {
    if (!response.write(`data: ${data}\n\n`)) await once(response, 'drain', { signal })
  }
  const sendChunk = (value: object) => send(JSON.stringify(value))
  const next = pace(switches.rate ?? DEFAULT_RATE, signal)

  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  await sendChunk(chunk(answer, { role: 'assistant', content: '' }))
  for (const text of script.thinking) {
    await next()
    await sendChunk(chunk(answer, { reasoning_content: text }))
  }
  for (const text of [...script.tokens, undefined]) {
    await next()
    if (record.tokens === switches.cut) return cutOff(response)
    if (record.tokens === switches.stall) await once(response, 'close')
    if (record.tokens === switches.malformed) return void response.end('data: {"choices": [{"delta"\n\n')
    if (record.tokens === switches.error) return void response.end(`data: ${JSON.stringify(errorBody(500))}\n\n`)
    if (text === undefined) break
    await sendChunk(chunk(answer, script.refused ? { refusal: text } : { content: text }))
    record.tokens += 1
  }
  for (const [index, { toolName, arguments: json }] of script.calls.entries()) {
    const begun = { index, id: toolCallId(answer, index), type: 'function' as const, function: { name: toolName, arguments: '' } }
    await sendChunk(chunk(answer, { tool_calls: [begun] }))
    for (const piece of tokensOf(json)) {
      await next()
      await sendChunk(chunk(answer, { tool_calls: [{ index, function: { arguments: piece } }] }))
    }
  }
  await sendChunk(chunk(answer, {}, script.finishReason))
  if (request.stream_options?.include_usage && switches.usage !== false) {
    await sendChunk(usageChunk(answer, usageOf(asked, script)))
  }
  response.end('data: [DONE]\n\n')
}

/** Breaks the connection after what was written has left. */
function cutOff(response: ServerResponse): void {
  response.write('', () => response.destroy())
}

function usageOf({ messages }: LlmRequest, { thinking, tokens, calls }: Script): ChatUsage {
  const promptTokens = messages.reduce((sum, message) => sum + countTokens(messageText(message)), 0)
  const callTokens = calls.reduce((sum, call) => sum + countTokens(call.arguments), 0)
  const completionTokens = thinking.length + tokens.length + callTokens
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens }
}

function refuse(response: ServerResponse, record: CallRecord, status: number, retryAfter = DEFAULT_RETRY_AFTER): void {
  record.status = status
  const headers: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': String(retryAfter) } : {}
  sendJson(response, status, errorBody(status), headers)
}

/** Answers with a JSON body. */
export function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
