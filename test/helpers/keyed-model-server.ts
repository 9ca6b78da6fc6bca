import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What the server says to a call: a status, and after how many seconds it is worth asking again. 200 is a whole answer. */
export type KeyedReply = { status: number; retryAfter?: number }

const chunk = (choice: object, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, ...choice }], ...more })}\n\n`

const ANSWER = [
  chunk({ delta: { role: 'assistant', content: 'hel' } }),
  chunk({ delta: { content: 'lo' } }),
  chunk({ delta: {}, finish_reason: 'stop' }, { usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 } }),
  'data: [DONE]\n\n',
]

/** A server of OpenAI's wire that answers as a test says for each key; closed at the end of the test. `calls` has the key of each, in order. */
export async function keyedModelServer(reply: (key: string, call: number) => KeyedReply) {
  const calls: string[] = []
  const server = createServer((request, response) => {
    request.resume()
    const key = request.headers.authorization?.replace('Bearer ', '') ?? ''
    calls.push(key)
    const { status, retryAfter } = reply(key, calls.length)
    if (status === 200) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const text of ANSWER) response.write(text)
      response.end()
      return
    }
    const waiting = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }
    response.writeHead(status, { 'content-type': 'application/json', ...waiting })
    response.end(JSON.stringify({ error: { message: `the key is answered with ${status}`, type: 'test', code: null } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, calls }
}
