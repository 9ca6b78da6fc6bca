import { createAgent } from '#shared/agents/create-agent.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { createAgentSchema } from '#shared/protocol/agent.ts'
import { SOCKET_SUBPROTOCOL } from '#shared/protocol/limits.ts'
import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { BENCH_SERVICE, type BenchRoom } from './bench-room.ts'
import { type Calls, createMeter, type Meter } from './meter.ts'
import { meteredClients } from './metered-clients.ts'
import { type MeteredDependencies, meteredDependencies } from './metered-dependencies.ts'
import { type MeteredPoster, meteredPoster } from './metered-poster.ts'

/** The reply that the budgets speak of: 1,000 tokens in 10 s. */
export const REPLY = { tokens: 1_000, tokensPerSecond: 100 }
export const CONTENT = `Tell me everything. [[tokens=${REPLY.tokens} rate=${REPLY.tokensPerSecond}]]`

/** More agents than a bench makes. */
const MAX_AGENTS = 1_000

/** Time of an invocation, in milliseconds: more than any reply here takes. */
const INVOCATION_MS = 300_000
export const INVOCATION = { remainingMs: () => INVOCATION_MS }

export type ReplyCount = {
  viewers: number
  posts: number
  calls: Calls
  /** How long the function worked on it, in milliseconds. */
  runMs: number
}

export type Counted = { meter: Meter; poster: MeteredPoster; dependencies: MeteredDependencies }

/** Gives `work` dependencies with a meter of their own. */
export async function counted<Result>(room: BenchRoom, work: (counted: Counted) => Promise<Result>): Promise<Result> {
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
export function prepare(room: BenchRoom, connectionIds: string[], topics: string[] = []): Promise<string> {
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
    const { agentId } = await createAgent({ ...dependencies, maxAgentsPerTenant: MAX_AGENTS }, principal, definition)
    return agentId
  })
}

/** A count of a reply that did not arrive would be worthless. */
export function requireWholeReply(events: StreamEvent[]): void {
  const inOrder = events.every((event, index) => event.sequence === index)
  const last = events.at(-1)
  if (!inOrder || last?.type !== 'completed' || last.data.events !== events.length) throw new Error('a viewer got a broken reply')
}
