import { createAgent } from '#shared/agents/create-agent.ts'
import { dispatchMessage } from '#shared/executions/dispatch-message.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { publishMessage } from '#shared/messaging/publish-message.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import { createAgentSchema } from '#shared/protocol/agent.ts'
import { executionChannel } from '#shared/protocol/channel.ts'
import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import { receive } from '../../functions/socket/receive.ts'
import { awsCalls } from './aws-calls.ts'
import { BENCH_SERVICE, type BenchRoom } from './bench-room.ts'
import { type Calls, createMeter, type Meter } from './meter.ts'
import { meteredClients } from './metered-clients.ts'
import { type MeteredDependencies, meteredDependencies } from './metered-dependencies.ts'
import { type MeteredPoster, meteredPoster } from './metered-poster.ts'

/** The reply that the budgets speak of: 1,000 tokens in 10 s. */
export const REPLY = { tokens: 1_000, tokensPerSecond: 100 }
const CONTENT = `Tell me everything. [[tokens=${REPLY.tokens} rate=${REPLY.tokensPerSecond}]]`

export type ReplyCount = {
  viewers: number
  posts: number
  calls: Calls
  /** How long the function worked on it, in milliseconds. */
  runMs: number
}

/** Time of an invocation, in milliseconds: more than any reply here takes. */
const INVOCATION_MS = 300_000

type Counted = { meter: Meter; poster: MeteredPoster; dependencies: MeteredDependencies }

/**
 * Counts a reply from the request to the last frame: one caller asks by HTTP, the viewers subscribe by a frame on sockets that are open
 * already, one worker runs the execution.
 */
export async function countReply(room: BenchRoom, viewers: number): Promise<ReplyCount> {
  const connectionIds = Array.from({ length: viewers }, () => newId())
  const agentId = await prepare(room, connectionIds)
  return counted(room, async ({ meter, poster, dependencies }) => {
    const request = { agentId, input: { content: CONTENT } }
    const { tenant, executionId } = await submitExecution(dependencies, room.principal, request)
    awsCalls(meter).httpRequest(JSON.stringify(request))
    for (const connectionId of connectionIds) await subscribe({ meter, dependencies }, connectionId, executionId)

    const item = { tenant, executionId, agentId }
    const began = performance.now()
    const result = await runExecution(dependencies, item, { remainingMs: () => INVOCATION_MS })
    const runMs = performance.now() - began
    if (result !== 'ended') throw new Error(`the execution is ${result}`)
    awsCalls(meter).queueDelivery(JSON.stringify(item), { fair: true })
    for (const connectionId of connectionIds) {
      awsCalls(meter).openSocket(runMs)
      requireWholeReply(poster.framesOf(connectionId))
    }
    return { viewers, posts: poster.posts(), calls: meter.calls(), runMs }
  })
}

/** Counts what a message adds that comes by a topic with one agent and no viewers: all calls up to the work queue. */
export async function countTopicDoor(room: BenchRoom): Promise<Calls> {
  const topic = `bench-${newId()}`
  await prepare(room, [], [topic])
  return counted(room, async ({ meter, dependencies }) => {
    let sent = ''
    const bus: MeteredDependencies['bus'] = {
      ...dependencies.bus,
      async publish(message) {
        await dependencies.bus.publish(message)
        sent = JSON.stringify(message)
        awsCalls(meter).busDelivery(sent)
        awsCalls(meter).queueDelivery(sent, { fair: false })
        await dispatchMessage(dependencies, message)
      },
    }
    const message = { data: { content: CONTENT } }
    awsCalls(meter).httpRequest(JSON.stringify(message))
    await publishMessage({ ...dependencies, bus }, room.principal, topic, message)
    return meter.calls()
  })
}

/** Gives `work` dependencies with a meter of their own. */
async function counted<Result>(room: BenchRoom, work: (counted: Counted) => Promise<Result>): Promise<Result> {
  const meter = createMeter()
  const clients = meteredClients(room.cloud, meter)
  const poster = meteredPoster(meter)
  try {
    return await work({ meter, poster, dependencies: meteredDependencies(room, clients, poster) })
  } finally {
    clients.destroy()
  }
}

/** Makes what was there before the reply, with a meter that nobody reads: the agent, and the viewers' sockets. */
function prepare(room: BenchRoom, connectionIds: string[], topics: string[] = []): Promise<string> {
  return counted(room, async ({ dependencies }) => {
    const { principal } = room
    for (const connectionId of connectionIds) {
      const connectedAt = timestamp(dependencies.clock)
      await dependencies.connections.put({
        connectionId,
        principal,
        protocol: SOCKET_SUBPROTOCOL,
        opening: [],
        connectedAt,
        greeted: true,
      })
    }
    const llm = { provider: 'openai', model: 'scripted', service: BENCH_SERVICE }
    const definition = createAgentSchema.parse({ name: 'Bench', topics, llm, autoStart: true })
    const { agentId } = await createAgent(dependencies, principal, definition)
    return agentId
  })
}

async function subscribe(
  { meter, dependencies }: Pick<Counted, 'meter' | 'dependencies'>,
  connectionId: string,
  executionId: string,
): Promise<void> {
  const frame: ClientFrame = {
    message_type: 'subscribe',
    id: '1',
    payload: { channel: executionChannel(executionId), after: -1 },
  }
  const body = JSON.stringify(frame)
  awsCalls(meter).socketFrame(body)
  await receive(dependencies, connectionId, body, AbortSignal.timeout(10_000))
}

/** A count of a reply that did not arrive would be worthless. */
function requireWholeReply(frames: string[]): void {
  const events = frames
    .map((frame): ServerFrame => JSON.parse(frame))
    .flatMap((frame) => (frame.message_type === 'realtime_event' ? frame.payload.events : []))
  const inOrder = events.every((event, index) => event.sequence === index)
  const last = events.at(-1)
  if (!inOrder || last?.type !== 'completed' || last.data.events !== events.length) throw new Error('a viewer got a broken reply')
}
