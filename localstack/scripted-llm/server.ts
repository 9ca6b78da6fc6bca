import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import * as z from 'zod'
import { promptOf } from '#shared/llm/scripted-turn.ts'
import { demoMcpHandler } from '../demo-mcp/demo-server.ts'
import { nodeHandler } from '../demo-mcp/node-handler.ts'
import { callLog } from './call-log.ts'
import { errorBody } from './chat-completion.ts'
import { chatRequestSchema, llmRequestOf } from './chat-request.ts'
import { play, sendJson } from './play.ts'
import { MODEL_NAMES, type Switches, switchesOfModel, switchesSchema, takeDirectives } from './switches.ts'

export type ScriptedLlm = {
  /** Base URL for OpenAI's SDKs: `http://127.0.0.1:<port>/v1`. */
  url: string
  port: number
  /** Ends the server and the calls that are under way. */
  close(): Promise<void>
}

export type ScriptedLlmOptions = {
  /** 0 takes any free one. */
  port: number
  /** @default 127.0.0.1 */
  host?: string | undefined
  /** Switches of every call that does not say otherwise. */
  switches?: Switches | undefined
}

/** Body of `POST /control`. */
const controlSchema = z.strictObject({
  /** Forgets the calls, and what was set for calls to come. */
  reset: z.boolean().optional(),
  /** Switches for the next `calls` calls; the prompt's own directives win. */
  next: z.strictObject({ calls: z.int().positive().default(1), switches: switchesSchema }).optional(),
})

/** Its tools know nothing of models; it is here because this port is known. */
const demoMcp = nodeHandler(demoMcpHandler)

/** Starts a server that speaks OpenAI's chat completions and makes its answers up. */
export async function startScriptedLlm({ port, host = '127.0.0.1', switches }: ScriptedLlmOptions): Promise<ScriptedLlm> {
  const handle = scriptedLlmHandler(switches ?? {})
  const server = createServer((request, response) => void handle(request, response))
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return {
    url: `http://${host}:${address.port}/v1`,
    port: address.port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function scriptedLlmHandler(defaults: Switches): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const log = callLog()
  let next: { calls: number; switches: Switches } | undefined

  function takeNext(): Switches {
    if (!next || next.calls === 0) return {}
    next.calls -= 1
    return next.switches
  }

  async function control(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = controlSchema.parse(await json(request))
    if (body.reset) log.reset()
    if (body.reset || body.next) next = body.next
    sendJson(response, 200, {})
  }

  async function complete(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = chatRequestSchema.parse(await json(request))
    const given = llmRequestOf(body)
    const { request: asked, switches } = takeDirectives(given)
    const record = log.begin({ model: body.model, prompt: promptOf(given.messages), stream: body.stream })
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const all = { ...defaults, ...switchesOfModel(body.model), ...takeNext(), ...switches }
      await play({ request: body, asked, switches: all, record, signal: gone.signal }, response)
    } catch (error) {
      if (!gone.signal.aborted) throw error
      record.aborted = true
    } finally {
      record.ended = true
      record.endedAt = Date.now()
    }
  }

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const target = `${request.method} ${pathname}`
    if (target === 'POST /control') return control(request, response)
    if (pathname === '/mcp') return demoMcp(request, response)
    if (target === 'GET /control/calls') return sendJson(response, 200, log.list())
    if (!/^Bearer \S+$/.test(request.headers.authorization ?? '')) return sendJson(response, 401, errorBody(401))
    if (target === 'POST /v1/chat/completions') return complete(request, response)
    if (target === 'GET /v1/models')
      return sendJson(response, 200, { object: 'list', data: MODEL_NAMES.map((id) => ({ id, object: 'model' })) })
    sendJson(response, 404, errorBody(404))
  }

  return async (request, response) => {
    response.setHeader('x-request-id', `req_${randomUUID()}`)
    try {
      await route(request, response)
    } catch (error) {
      const invalid = error instanceof z.ZodError || error instanceof SyntaxError
      if (response.headersSent) response.destroy()
      else sendJson(response, invalid ? 422 : 500, errorBody(invalid ? 422 : 500))
    }
  }
}
