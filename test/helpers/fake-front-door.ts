import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Agent } from '#shared/protocol/agent.ts'
import { AGENT_LIFECYCLE, type AgentVerb, allowedVerbs } from '#shared/protocol/agent-lifecycle.ts'
import type { DeadLetter } from '#shared/protocol/dead-letter.ts'
import type { ErrorCode } from '#shared/protocol/error-codes.ts'
import type { LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import { type ClientFrame, clientFrameSchema, type ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'

/** What an execution says or how it fails, after a pause; places, proof and the end are added. */
export type ScriptStep = { waitMs?: number } & ({ body: StreamEventBody } | { failure: { code: ErrorCode; detail: string } })

export interface FakeFrontDoorOptions {
  /** Folder of the built console. */
  files: string
  agents: Agent[]
  /** Messages that could not be handled. */
  deadLetters?: DeadLetter[]
  /** What other paths answer, by method and path: `GET /v1/audit`. */
  answers?: Record<string, unknown>
  /** The one token it takes. */
  token: string
  /** What an agent answers. */
  script(content: string): Iterable<ScriptStep>
}

export interface FakeFrontDoor {
  readonly url: string
  /** Tells a fact to those who follow the channel `all`. */
  tell(fact: LifecycleEvent): void
  stop(): Promise<void>
}

interface Follower {
  socket: WebSocket
  subscription: string
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** The protocol without the cloud: one process, no durability. The console is developed and pictured on it. */
export async function startFakeFrontDoor({ files, token, script, ...options }: FakeFrontDoorOptions): Promise<FakeFrontDoor> {
  const agents = structuredClone(options.agents)
  const deadLetters = structuredClone(options.deadLetters ?? [])
  const logs = new Map<string, StreamEvent[]>()
  const followers = new Map<string, Map<WebSocket, Follower>>()
  const stopping = new AbortController()

  const logOf = (channel: string): StreamEvent[] => logs.get(channel) ?? logs.set(channel, []).get(channel) ?? []

  function append(channel: string, event: StreamEvent): void {
    logOf(channel).push(event)
    for (const follower of followers.get(channel)?.values() ?? []) post(follower, channel, [event])
  }

  async function execute(executionId: string, agentId: string, content: string): Promise<void> {
    const channel = `execution:${executionId}`
    let kept: { sequence: number; text: string }[] = []
    let attempt = 1
    const say = (body: StreamEventBody): void => {
      const sequence = logOf(channel).length
      if (body.type === 'content_chunk') kept.push({ sequence, text: body.data.text })
      if (body.type === 'retrying') {
        attempt = body.data.attempt
        kept = kept.filter((piece) => piece.sequence <= body.data.resumeFrom)
      }
      append(channel, { ...body, executionId, agentId, attempt, sequence, time: new Date().toISOString() })
    }
    const proof = (): { events: number; sha256: string } => {
      const text = kept.map((piece) => piece.text).join('')
      return { events: logOf(channel).length + 1, sha256: createHash('sha256').update(text).digest('hex') }
    }
    const agent = agents.find((known) => known.agentId === agentId)
    const { provider, model } = agent?.kind === 'llm' ? agent.llm : { provider: 'none', model: 'none' }
    say({ type: 'started', data: { provider, model } })
    for (const { waitMs = 0, ...step } of script(content)) {
      await pause(waitMs, undefined, { signal: stopping.signal })
      if ('failure' in step) {
        say({ type: 'failed', data: { ...step.failure, ...proof() } })
        return
      }
      say(step.body)
    }
    say({ type: 'completed', data: { stopReason: 'stop', ...proof() } })
  }

  /** Nothing runs here, so every verb arrives at once. */
  function change(agent: Agent, verb: AgentVerb): [number, unknown] {
    if (!allowedVerbs(agent.status).includes(verb))
      return [409, { code: 'invalid_state', detail: `the agent is ${agent.status}` }]
    if (verb === 'delete') agents.splice(agents.indexOf(agent), 1)
    const { to } = AGENT_LIFECYCLE[verb]
    agent.status = { starting: 'running' as const, stopping: 'stopped' as const }[String(to)] ?? to
    return verb === 'delete' ? [204, undefined] : [200, agent]
  }

  function answer(
    method: string,
    url: URL,
    body: { agentId?: string; input?: { content: string }; data?: never; ids?: string[] },
  ): [number, unknown] {
    const given = options.answers?.[`${method} ${url.pathname}`]
    if (given !== undefined) return [200, given]
    const [, , kind, id = '', part] = url.pathname.split('/')
    if (kind === 'tickets') return [201, { ticket: randomUUID(), expiresAt: new Date(Date.now() + 60_000).toISOString() }]
    if (kind === 'agents' && id === '') return [200, { agents }]
    if (kind === 'agents') {
      const agent = agents.find(({ agentId }) => agentId === decodeURIComponent(id))
      if (!agent) return [404, { code: 'not_found', detail: `no agent "${id}"` }]
      return method === 'GET' ? [200, agent] : change(agent, method === 'DELETE' ? 'delete' : (part as AgentVerb))
    }
    if (kind === 'dead-letters') return answerLetters(deadLetters, method, url, body.ids)
    if (kind === 'executions' && method === 'POST') {
      const executionId = randomUUID()
      execute(executionId, body.agentId ?? '', body.input?.content ?? '').catch(() => undefined)
      return [202, { executionId, status: 'queued' }]
    }
    if (kind === 'executions' && !url.pathname.endsWith('/events')) {
      const texts = logOf(`execution:${id}`).map((event) => (event.type === 'content_chunk' ? event.data.text : ''))
      return [200, { executionId: id, output: { text: texts.join('') } }]
    }
    if (kind === 'executions') {
      const after = Number(url.searchParams.get('after') ?? -1)
      const events = logOf(`execution:${id}`).slice(after + 1)
      return [200, { events, next: after + events.length, complete: events.some(isTerminalEvent) }]
    }
    if (kind === 'topics') {
      const messageId = randomUUID()
      const time = new Date().toISOString()
      const data = {
        specversion: '1.0',
        id: messageId,
        type: 'message',
        source: 'console',
        time,
        topic: id,
        data: body.data ?? null,
      } as const
      append(`topic:${id}`, { type: 'message', sequence: logOf(`topic:${id}`).length, time, data })
      return [202, { messageId, topic: id }]
    }
    return [404, { code: 'not_found', detail: 'no such route' }]
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake')
    if (!url.pathname.startsWith('/v1/')) return serveFile(files, url.pathname, response)
    const text = Buffer.concat(await request.toArray()).toString()
    if (request.headers.authorization !== `Bearer ${token}` && url.pathname !== '/v1/openapi.json') {
      return void sendJson(response, 401, { code: 'unauthorized', detail: 'the token is not valid' })
    }
    const [status, body] = answer(request.method ?? 'GET', url, text === '' ? {} : JSON.parse(text))
    sendJson(response, status, body)
  }

  function follow(socket: WebSocket, frame: ClientFrame): void {
    const send = (answer: ServerFrame): void => socket.send(JSON.stringify(answer))
    if (frame.message_type === 'ping') send({ message_type: 'pong', payload: { time: new Date().toISOString() } })
    if (frame.message_type !== 'subscribe' && frame.message_type !== 'unsubscribe') return
    const channel = frame.payload.channel ?? `topic:${frame.payload.topic}`
    const response = frame.id === undefined ? {} : { response_to: frame.id }
    const readers = followers.get(channel) ?? new Map<WebSocket, Follower>()
    followers.set(channel, readers)
    if (frame.message_type === 'unsubscribe') {
      readers.delete(socket)
      send({ message_type: 'unsubscription_confirmed', ...response, payload: { channel } })
      return
    }
    const log = logOf(channel)
    const after = frame.payload.after ?? (channel.startsWith('execution:') ? -1 : log.length - 1)
    const follower = { socket, subscription: randomUUID() }
    readers.set(socket, follower)
    const payload = { channel, subscription: follower.subscription, after }
    send({ message_type: 'subscription_confirmed', ...response, payload })
    const missed = log.slice(after + 1)
    if (missed.length > 0) post(follower, channel, missed)
  }

  const server = createServer((request, response) => void handle(request, response))
  const sockets = new WebSocketServer({ server, path: '/socket', handleProtocols: () => SOCKET_SUBPROTOCOL })
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => follow(socket, clientFrameSchema.parse(JSON.parse(data.toString()))))
    socket.on('close', () => {
      for (const readers of followers.values()) readers.delete(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    tell(fact) {
      append('all', { type: 'lifecycle', sequence: logOf('all').length, time: new Date().toISOString(), data: fact })
    },
    async stop() {
      stopping.abort()
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Dead letters, filtered by their reason; moved by id, or all of them. */
function answerLetters(
  letters: DeadLetter[],
  method: string,
  { pathname, searchParams }: URL,
  ids?: string[],
): [number, unknown] {
  const code = searchParams.get('code')
  if (method === 'GET')
    return [200, { deadLetters: letters.filter((letter) => code === null || letter.code === code), more: false }]
  const kept = ids ? letters.filter(({ id }) => !ids.includes(id)) : []
  const count = letters.length - kept.length
  letters.splice(0, letters.length, ...kept)
  return [200, { [pathname.endsWith('/redrive') ? 'redriven' : 'discarded']: count, failed: 0, more: false }]
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body) ?? '')
}

function post({ socket, subscription }: Follower, channel: string, events: StreamEvent[]): void {
  socket.send(
    JSON.stringify({ message_type: 'realtime_event', payload: { channel, subscription, events } } satisfies ServerFrame),
  )
}

async function serveFile(folder: string, path: string, response: ServerResponse): Promise<void> {
  const name = normalize(path === '/' ? '/index.html' : path)
  try {
    const content = await readFile(join(folder, name))
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(content)
  } catch {
    response.writeHead(404).end()
  }
}
