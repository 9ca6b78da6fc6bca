import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { pace } from '#shared/llm/pace.ts'
import { countTokens, scriptedAnswer, scriptedThinking } from '#shared/llm/scripted-answer.ts'
import { sleep } from '#shared/platform/clock.ts'
import type { CallRecord } from './call-log.ts'
import { type ChatAnswer, type ChatRequest, type ChatUsage, chunk, completion, errorBody, usageChunk } from './chat-completion.ts'
import { type Switches, withoutFaults } from './switches.ts'

/** A call to be played: what was asked, how it shall go, and the record that is kept of it. */
export type Call = {
  request: ChatRequest
  prompt: string
  switches: Switches
  record: CallRecord
  /** Aborts when the connection is closed before the answer is complete. */
  signal: AbortSignal
}

const DEFAULT_RATE = 100
const DEFAULT_RETRY_AFTER = 1

/** Answers one call of the model as its switches say. */
export async function play(call: Call, response: ServerResponse): Promise<void> {
  const switches =
    call.record.attempt > (call.switches.times ?? Number.POSITIVE_INFINITY) ? withoutFaults(call.switches) : call.switches
  if (switches.status) return refuse(response, call.record, switches.status, switches.retryAfter)

  const { request, prompt, record, signal } = call
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY
  const tokens = scriptedAnswer(prompt, { tokens: switches.tokens, multiByte: switches.utf8 })
  const thinking = scriptedThinking(prompt, switches.thinking ?? 0)
  const script = { thinking, tokens: tokens.slice(0, limit), finishReason: tokens.length > limit ? 'length' : 'stop' }
  const answer = { id: `chatcmpl-${record.number}`, created: Math.floor(Date.now() / 1_000), model: request.model }

  await sleep(switches.delay ?? 0, signal)
  record.status = 200
  if (request.stream) return stream({ ...call, switches }, script, answer, response)
  record.tokens = script.tokens.length
  sendJson(response, 200, completion(answer, script.tokens.join(''), script.finishReason, usageOf(request, script)))
}

type Script = { thinking: string[]; tokens: string[]; finishReason: string }

async function stream(call: Call, script: Script, answer: ChatAnswer, response: ServerResponse): Promise<void> {
  const { request, switches, record, signal } = call
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
    await sendChunk(chunk(answer, { content: text }))
    record.tokens += 1
  }
  await sendChunk(chunk(answer, {}, script.finishReason))
  if (request.stream_options?.include_usage && switches.usage !== false) {
    await sendChunk(usageChunk(answer, usageOf(request, script)))
  }
  response.end('data: [DONE]\n\n')
}

/** Breaks the connection after what was written has left. */
function cutOff(response: ServerResponse): void {
  response.write('', () => response.destroy())
}

function usageOf(request: ChatRequest, { thinking, tokens }: Script): ChatUsage {
  const promptTokens = request.messages.reduce((sum, message) => sum + countTokens(message.content), 0)
  const completionTokens = thinking.length + tokens.length
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
