import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { parseChannel } from '#shared/protocol/channel.ts'
import { flatFrame } from '#shared/protocol/flat-event.ts'
import { GRAPHQL_SUBPROTOCOL, MAX_FRAME_BYTES } from '#shared/protocol/limits.ts'
import { socketAlias } from '#shared/protocol/socket-alias.ts'
import { type ClientFrame, clientFrameSchema, type ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { outcomeOf } from '../../conformance/whole-stream.ts'
import type { Defect } from './defects.ts'
import { graphqlEvents } from './requests.ts'
import { accepted, type ModelWorld, packed, Refused, type Run, sha256 } from './world.ts'

const TIME = '2026-11-21T09:30:00.000Z'
const DEADLINE_MS = 400
const LARGEST_FRAME = 32 * 1024
const ENDPOINTS: Record<string, string[]> = { health: ['topic:health_events', 'topic:alerts'] }

const offered = ({ headers }: IncomingMessage): string[] => headers['sec-websocket-protocol']?.split(/, */) ?? []
function queryOf({ url = '/' }: IncomingMessage): URLSearchParams {
  const { pathname, searchParams } = new URL(url, 'http://model')
  return new URLSearchParams({ ...Object.fromEntries(searchParams), ...socketAlias(pathname) })
}

/** Whether the handshake goes through: the status that refuses it, or undefined. */
export function refusedHandshake(world: ModelWorld, defects: ReadonlySet<Defect>, request: IncomingMessage): number | undefined {
  const query = queryOf(request)
  const endpoint = query.get('endpoint')
  if (endpoint !== null && !(endpoint in ENDPOINTS) && !defects.has('any endpoint')) return 404
  if (request.headers.authorization === 'Bearer good' || query.get('auth') === 'frame') return undefined
  const ticket = offered(request)
    .find((name) => name.startsWith('ticket.'))
    ?.slice('ticket.'.length)
  try {
    world.redeem(ticket ?? (defects.has('no ticket in the query') ? undefined : query.get('ticket')) ?? '')
    return undefined
  } catch {
    return 401
  }
}

type Follow = {
  subscription: string
  after: number
  snapshot?: boolean | undefined
  responseTo?: string | undefined
  run?: Run | undefined
}

/** One socket, from its first frame to its end. */
export function serveSocket(world: ModelWorld, defects: ReadonlySet<Defect>, socket: WebSocket, request: IncomingMessage): void {
  const query = queryOf(request)
  const flat = query.get('view') === 'flat' && !defects.has('no flat view')
  const following = new Map<string, AbortController>()
  let known = query.get('auth') !== 'frame'
  let greeted = false
  let subscriptions = 0

  const write = (frame: ServerFrame | object) => socket.send(JSON.stringify(frame))

  function greet(): void {
    if (greeted || defects.has('no greeting')) return
    greeted = true
    write({ message_type: 'connection_established', payload: { connectionId: 'c1', protocol: 'sluice.v1', time: TIME } })
  }

  function frame(subscription: string, channel: string, events: StreamEvent[]): void {
    const light = events.map((event) => {
      const large = JSON.stringify(event).length > MAX_FRAME_BYTES && !defects.has('large messages travel')
      if (!large || event.type !== 'message') return event
      const dataref = `/v1/topics/${event.data.topic}/events?after=${event.sequence - 1}&limit=1`
      return { ...event, data: { ...event.data, data: null, dataref } }
    })
    write({ message_type: 'realtime_event', payload: { channel, subscription, events: light } })
  }

  function show(channel: string, { subscription, snapshot }: Follow, events: StreamEvent[]): void {
    if (flat) {
      const { kind, id } = parseChannel(channel)
      const outcome = kind === 'execution' ? outcomeOf(world.find(id).log.events) : undefined
      for (const event of events) write(flatFrame(event, outcome))
    } else if (snapshot) frame(subscription, channel, packed(events, defects))
    else {
      const shown = defects.has('a gap') ? events.filter(({ sequence }) => sequence !== 1) : events
      if (shown.length > 0) frame(subscription, channel, shown)
      if (defects.has('a repeated event')) frame(subscription, channel, shown.slice(-1))
    }
  }

  async function follow(channel: string, asked: Follow): Promise<void> {
    following.get(channel)?.abort()
    const stop = new AbortController()
    following.set(channel, stop)
    const log = logOf(channel)
    const { subscription, after, responseTo, run } = asked
    const response_to = defects.has('confirmations without response_to') ? undefined : responseTo
    const confirmed = { message_type: 'subscription_confirmed', response_to, payload: { channel, subscription, after } }
    if (asked.snapshot) while (!log.ended) await pause(1)
    const early = defects.has('events before the confirmation')
    if (!early) write(confirmed)
    const start = defects.has('always from the start') ? -1 : defects.has('the cursor is off by one') ? after - 1 : after
    for await (const events of log.follow(Math.max(start, -1), stop.signal)) {
      if (stop.signal.aborted && !defects.has('unsubscribe does nothing')) return
      show(channel, asked, events)
      if (early) write(confirmed)
    }
    if (run && !defects.has('no agent_response')) respond(run, responseTo)
  }

  function respond({ executionId, status, text, log }: Run, response_to: string | undefined): void {
    const output = { text }
    const payload = { executionId, agentId: 'assistant', status, output, events: log.events.length, sha256: sha256(text) }
    write({ message_type: 'agent_response', response_to, payload })
  }

  function logOf(channel: string) {
    const { kind, id } = parseChannel(channel)
    if (kind === 'execution') return world.find(id).log
    if (kind === 'topic') return world.topic(id)
    if (kind === 'agent' && id !== 'assistant' && !defects.has('anything exists')) throw new Refused('not_found')
    return world.facts
  }

  function subscribe(channel: string, after: number | undefined, more: Omit<Follow, 'subscription' | 'after'>): void {
    const log = logOf(channel)
    const fromStart = channel.startsWith('execution:') || defects.has('topics from the start')
    const subscription = defects.has('one id for all subscriptions') ? 's' : `s${++subscriptions}`
    void follow(channel, { ...more, subscription, after: after ?? (fromStart ? -1 : log.events.length - 1) })
  }

  const channelOf = ({ channel, topic }: { channel?: string | undefined; topic?: string | undefined }) =>
    channel ?? `topic:${topic}`

  function handle({ id: response_to, ...message }: ClientFrame): void {
    if (!known && message.message_type !== 'authenticate' && !defects.has('frames before authentication'))
      throw new Refused('unauthorized')
    switch (message.message_type) {
      case 'ping':
        if (!defects.has('no pong')) write({ message_type: 'pong', response_to, payload: { time: TIME } })
        return
      case 'authenticate': {
        if (defects.has('no authentication on a live socket')) throw new Refused('validation_error')
        if (!defects.has('any ticket prolongs')) world.redeem(message.payload.ticket ?? '')
        known = true
        const expiresAt = new Date(Date.now() + 60_000).toISOString()
        write({ message_type: 'authenticated', response_to, payload: { connectionId: 'c1', expiresAt } })
        return
      }
      case 'subscribe': {
        const { after, snapshot } = message.payload
        subscribe(channelOf(message.payload), after, { snapshot, responseTo: response_to })
        return
      }
      case 'unsubscribe': {
        const channel = channelOf(message.payload)
        if (!defects.has('unsubscribe does nothing')) following.get(channel)?.abort()
        write({ message_type: 'unsubscription_confirmed', response_to, payload: { channel } })
        return
      }
      case 'cancel': {
        const { executionId, status } = world.cancel(message.payload.executionId)
        write({ message_type: 'cancel_accepted', response_to, payload: { executionId, status } })
        return
      }
      case 'agent_request': {
        const { payload } = message
        if ('query' in payload && defects.has('no query')) throw new Refused('validation_error')
        const body = 'query' in payload ? { agentId: payload.agentId ?? '', input: payload.query } : payload
        const { agentId, input } = body
        const run = world.start({ agentId, input }, payload.idempotencyKey)
        write({ message_type: 'agent_request_accepted', response_to, payload: accepted(run) })
        if (payload.subscribe === false && !defects.has('everybody follows')) return
        subscribe(`execution:${run.executionId}`, undefined, { responseTo: response_to, run })
        return
      }
    }
  }

  function receive(text: string): void {
    if (text.length > LARGEST_FRAME && !defects.has('large frames are welcome')) {
      socket.close(1009)
      return
    }
    greet()
    const fail = (response_to: string | undefined, { code, message }: Refused) =>
      write({ message_type: 'error', response_to, payload: { code, detail: message, retryable: false } })
    let json: { id?: string }
    try {
      json = JSON.parse(text)
    } catch {
      if (!defects.has('deaf to what is not JSON')) fail(undefined, new Refused('validation_error'))
      return
    }
    const { success, data } = clientFrameSchema.safeParse(json)
    try {
      if (success) handle(data)
      else if (!defects.has('deaf to unknown frames')) throw new Refused('validation_error')
    } catch (error) {
      fail(json.id, error instanceof Refused ? error : new Refused('internal'))
    }
  }

  function receiveGraphql(text: string): void {
    const { type, id, payload } = JSON.parse(text)
    if (type === 'connection_init') {
      write({ type: 'connection_ack' })
      return
    }
    for (const event of graphqlEvents(world, payload))
      write({ id, type: 'next', payload: { data: { agentExecutionStream: event } } })
    if (!defects.has('GraphQL never completes')) write({ id, type: 'complete' })
  }

  const hear = (data: unknown) => write({ message_type: 'broadcast', payload: { data, source: 'model', time: TIME } })
  world.listeners.add(hear)
  socket.on('close', () => {
    world.listeners.delete(hear)
    for (const stop of following.values()) stop.abort()
  })
  if (offered(request).includes(GRAPHQL_SUBPROTOCOL)) {
    socket.on('message', (data) => receiveGraphql(String(data)))
    return
  }
  socket.on('message', (data) => receive(String(data)))
  setTimeout(() => {
    if (!known && !defects.has('silent sockets stay')) socket.close(1008)
  }, DEADLINE_MS).unref()
  const endpoint = query.get('endpoint')
  const executionId = query.get('executionId')
  if (endpoint !== null && !defects.has('endpoints subscribe to nothing'))
    for (const channel of ENDPOINTS[endpoint] ?? []) subscribe(channel, undefined, {})
  if (executionId !== null && !defects.has('the address subscribes to nothing'))
    subscribe(`execution:${executionId}`, Number(query.get('after') ?? -1), {})
}

export function chosenProtocol(protocols: Set<string>, defects: ReadonlySet<Defect>): string | false {
  if (defects.has('no subprotocol echoed')) return [...protocols].at(-1) ?? false
  return [...protocols].find((name) => !name.startsWith('ticket.')) ?? false
}
