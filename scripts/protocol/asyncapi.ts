import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { CLIENT_FRAMES, SERVER_FRAMES } from './catalogue.ts'
import { componentSchemas, type JsonSchema } from './json-schema.ts'

const ref = ($ref: string) => ({ $ref })
const message = (name: string) => ref(`#/components/messages/${name}`)
const onChannel = (channel: string, names: Iterable<string>) =>
  [...names].map((name) => ref(`#/channels/${channel}/messages/${name}`))

/** Answers of the server to a frame that names itself with `id`; any of them may be an `error` instead. */
const REPLIES: Record<string, string[]> = {
  subscribe: ['subscription_confirmed'],
  unsubscribe: ['unsubscription_confirmed'],
  agent_request: ['agent_request_accepted', 'agent_response'],
  authenticate: ['authenticated'],
  cancel: ['cancel_accepted'],
  ping: ['pong'],
}

const text = (description: string): JsonSchema => ({ type: 'string', description })
const cursor: JsonSchema = { type: 'integer', minimum: -1, description: 'The last sequence that the client has.' }
const ticket = text('A ticket, where neither a subprotocol nor a header can be sent.')

const object = (properties: JsonSchema): JsonSchema => ({ type: 'object', properties, required: Object.keys(properties) })

/** A stream of Server-Sent Events: its address, what it tells, and whether it has parameters. */
const EVENT_STREAMS = {
  executionStream: { address: '/streams/executions/{executionId}', event: 'execution-event', parameter: 'executionId' },
  topicStream: { address: '/streams/topics/{topic}', event: 'topic-event', parameter: 'topic' },
  factStream: { address: '/streams/events', event: 'fact-event', parameter: undefined },
} as const

/** The WebSocket API, the Server-Sent Events, the bus and the queue as AsyncAPI 3.0 (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
export function asyncApi(): JsonSchema {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Sluice',
      version: '1',
      description: 'Streams of LLM agents: ordered, complete, resumable from one cursor. docs/protocol.md has the rules.',
      license: { name: packageJson.license },
    },
    defaultContentType: 'application/json',
    servers: {
      socket: { host: 'localhost:8787', protocol: 'wss', security: security('ticketProtocol', 'ticketQuery', 'bearer') },
      streams: { host: 'localhost:8787', protocol: 'https', security: security('ticketHeader', 'ticketQuery', 'tokenHeader') },
      aws: {
        host: 'amazonaws.com',
        protocol: 'sqs',
        description: 'EventBridge and SQS of the account; IAM says who may use them.',
      },
    },
    channels: { socket: socketChannel(), ...eventStreamChannels(), directRun: directRunChannel(), ...queueChannels() },
    operations: { ...socketOperations(), ...eventStreamOperations(), ...directRunOperations(), ...queueOperations() },
    components: {
      schemas: {
        ...componentSchemas(),
        preview: object({ text: { type: 'string' } }),
        reconnect: object({ after: cursor }),
      },
      messages: { ...frameMessages(), ...eventMessages(), ...queueMessages() },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        ticketProtocol: {
          type: 'httpApiKey',
          in: 'header',
          name: 'Sec-WebSocket-Protocol',
          description: `Offer "${SOCKET_SUBPROTOCOL}" and "ticket.<ticket>".`,
        },
        ticketHeader: { type: 'httpApiKey', in: 'header', name: 'x-sluice-ticket' },
        tokenHeader: { type: 'httpApiKey', in: 'header', name: 'x-sluice-authorization', description: '"Bearer <token>"' },
        ticketQuery: { type: 'httpApiKey', in: 'query', name: 'ticket' },
      },
    },
  }
}

const security = (...names: string[]) => names.map((name) => ref(`#/components/securitySchemes/${name}`))

function socketChannel(): JsonSchema {
  const names = [...CLIENT_FRAMES.keys(), ...SERVER_FRAMES.keys(), 'flat-frame']
  const query = {
    ticket,
    auth: { const: 'frame', description: 'The first frame is "authenticate".' },
    executionId: text('Follows this execution at once.'),
    after: cursor,
    endpoint: text('Follows the topics of this endpoint at once.'),
    agent: text('The agent of requests that name none.'),
    view: { const: 'flat', description: 'Events come as flat-frame instead of realtime_event.' },
  }
  return {
    address: '/socket',
    description: `WebSocket with the subprotocol ${SOCKET_SUBPROTOCOL}.`,
    servers: [ref('#/servers/socket')],
    messages: Object.fromEntries(names.map((name) => [name, message(name)])),
    bindings: { ws: { method: 'GET', query: { type: 'object', properties: query }, bindingVersion: '0.1.0' } },
  }
}

/** Seen from the server, as AsyncAPI wants it: it receives what clients send. */
function socketOperations(): JsonSchema {
  const received = [...CLIENT_FRAMES.keys()].map((name) => [
    name,
    {
      action: 'receive',
      channel: ref('#/channels/socket'),
      messages: onChannel('socket', [name]),
      reply: { channel: ref('#/channels/socket'), messages: onChannel('socket', [...(REPLIES[name] ?? []), 'error']) },
    },
  ])
  const answers = new Set(Object.values(REPLIES).flat())
  const told = [...SERVER_FRAMES.keys()].filter((name) => !answers.has(name))
  const tell = { action: 'send', channel: ref('#/channels/socket'), messages: onChannel('socket', [...told, 'flat-frame']) }
  return { ...Object.fromEntries(received), tell }
}

function eventStreamChannels(): JsonSchema {
  const channels = Object.entries(EVENT_STREAMS).map(([name, { address, event, parameter }]) => [
    name,
    {
      address,
      servers: [ref('#/servers/streams')],
      messages: { [event]: message(event), reconnect: message('reconnect') },
      ...(parameter && { parameters: { [parameter]: {} } }),
    },
  ])
  return Object.fromEntries(channels)
}

function eventStreamOperations(): JsonSchema {
  const query = {
    ticket,
    after: cursor,
    snapshot: { type: 'boolean', description: 'Takes packed events.' },
    view: { const: 'flat', description: 'Takes flat events.' },
    type: text('Of /streams/events: one type of facts, or the beginning of several up to a dot.'),
    agent: text('Of /streams/events: facts about this agent alone.'),
  }
  const operations = Object.entries(EVENT_STREAMS).map(([name, { event }]) => [
    `follow-${name}`,
    {
      action: 'send',
      channel: ref(`#/channels/${name}`),
      messages: onChannel(name, [event, 'reconnect']),
      bindings: { http: { method: 'GET', query: { type: 'object', properties: query }, bindingVersion: '0.3.0' } },
    },
  ])
  return Object.fromEntries(operations)
}

function directRunChannel(): JsonSchema {
  return {
    address: '/streams/executions',
    description:
      'Creates an execution and answers with its events. "accepted" comes first; "preview" has no id and no place in the stream.',
    servers: [ref('#/servers/streams')],
    messages: Object.fromEntries(
      ['run', 'accepted', 'preview', 'execution-event', 'reconnect'].map((name) => [name, message(name)]),
    ),
  }
}

function directRunOperations(): JsonSchema {
  const channel = ref('#/channels/directRun')
  return {
    run: {
      action: 'receive',
      channel,
      messages: onChannel('directRun', ['run']),
      bindings: { http: { method: 'POST', bindingVersion: '0.3.0' } },
      reply: { channel, messages: onChannel('directRun', ['accepted', 'preview', 'execution-event', 'reconnect']) },
    },
  }
}

/** The bus and the queue that any AWS client of the account may use; their names are outputs of the stacks. */
function queueChannels(): JsonSchema {
  const servers = [ref('#/servers/aws')]
  return {
    ingressQueue: {
      address: 'sluice-{stage}-ingress',
      description: 'SQS: a message for a topic or an agent; any JSON with the message attribute "topic" beside it will do.',
      servers,
      parameters: { stage: {} },
      messages: { envelope: message('envelope') },
    },
    messageBus: {
      address: 'sluice-{stage}',
      description: 'EventBridge: `source` "sluice.messages", the message in `detail`.',
      servers,
      parameters: { stage: {} },
      messages: { envelope: message('envelope') },
    },
    eventBus: {
      address: 'sluice-{stage}',
      description: 'EventBridge: `source` "sluice.events", `detail-type` the type of the event, which stands in `detail`.',
      servers,
      parameters: { stage: {} },
      messages: { 'lifecycle-event': message('lifecycle-event') },
    },
  }
}

function queueOperations(): JsonSchema {
  const receive = (channel: string) => ({
    action: 'receive',
    channel: ref(`#/channels/${channel}`),
    messages: onChannel(channel, ['envelope']),
  })
  return {
    sendToQueue: receive('ingressQueue'),
    putOnBus: receive('messageBus'),
    tellOnBus: {
      action: 'send',
      channel: ref('#/channels/eventBus'),
      messages: onChannel('eventBus', ['lifecycle-event']),
    },
  }
}

const queueMessages = (): JsonSchema => ({
  envelope: { name: 'envelope', payload: ref('#/components/schemas/envelope') },
  'lifecycle-event': { name: 'lifecycle-event', payload: ref('#/components/schemas/lifecycle-event') },
})

function frameMessages(): JsonSchema {
  const entries = (frames: ReadonlyMap<string, unknown>, location: string) =>
    [...frames.keys()].map((name) => [
      name,
      { name, payload: ref(`#/components/schemas/${name}`), correlationId: { location: `$message.payload#/${location}` } },
    ])
  const flat = { name: 'flat-frame', payload: ref('#/components/schemas/flat-frame') }
  return Object.fromEntries([...entries(CLIENT_FRAMES, 'id'), ...entries(SERVER_FRAMES, 'response_to'), ['flat-frame', flat]])
}

function eventMessages(): JsonSchema {
  const contentType = 'text/event-stream'
  const events = Object.values(EVENT_STREAMS).map(({ event }) => [
    event,
    { name: event, contentType, payload: ref(`#/components/schemas/${event}`) },
  ])
  return {
    ...Object.fromEntries(events),
    run: { name: 'run', payload: ref('#/components/schemas/create-execution') },
    accepted: { name: 'accepted', contentType, payload: ref('#/components/schemas/execution-accepted') },
    reconnect: { name: 'reconnect', contentType, payload: ref('#/components/schemas/reconnect') },
    preview: { name: 'preview', contentType, payload: ref('#/components/schemas/preview') },
  }
}
