import type { LlmScript } from '#shared/llm/memory-llm-providers.ts'
import { sleep } from '#shared/platform/clock.ts'
import type { ExecutionEvent } from '#shared/protocol/stream-event.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import type { ConnectionPoster } from '#shared/streams/connection-poster.ts'
import { type Random, seededRandom } from '../../random.ts'
import { inVirtualTime } from '../virtual-time.ts'
import { type Chaos, type FaultCounts, noFaults, type Odds, ROUGH } from './faults.ts'
import { type Delays, lose, reopen, resume, type Way } from './losses.ts'
import { moodyModel } from './model.ts'
import { drawNetwork } from './network.ts'
import { AGENT_ID, type Server, startServer, TENANT } from './server.ts'
import { type CreateClient, createUser, type User, type UserOptions, type View } from './user.ts'
import { judge, noVerdict, type Verdict } from './verdict.ts'
import { wireObserver } from './wire.ts'

const START = Date.parse('2026-11-21T09:00:00.000Z')
const USERS = 12
/** Replies are asked for within this time, in milliseconds. */
const ASKING_MS = 20_000
/** A view that has not ended so long after the last request has lost its stream, in milliseconds: leases, sweeps and back-offs fit several times. */
const PATIENCE_MS = 30 * 60_000
const LOOK_MS = 1_000

/** What replies in one world came to. Times are virtual milliseconds. */
export type Played = Delays & {
  replies: number
  views: number
  verdict: Verdict
  faults: FaultCounts
  /** From the accepted cancel to the abort of the model's call. */
  stopMs: number[]
  wire: { gaps: number; repeats: number }
  /** Streams by what they came on, and how often one changed it on its way. */
  transports: { byName: Record<string, number>; switches: number }
  virtualMs: number
}

export type PlayOptions = {
  replies: number
  seed: number
  /** For self tests: what stands between the senders and the connections. */
  sabotage?: (poster: ConnectionPoster) => ConnectionPoster
  /** @default ROUGH */
  odds?: Odds
  /** What users follow replies with; the product's own client when absent. */
  createClient?: CreateClient
}

/** Plays some replies to some users in a world of their own, and compares what each of them saw with the log. */
export function playReplies(options: PlayOptions): Promise<Played> {
  const chance = seededRandom(options.seed ^ 0x5f3759df)
  return inVirtualTime({ start: START, random: chance.next }, () => play(options))
}

type World = {
  chaos: Chaos
  server: Server
  users: User[]
  delays: Delays
  stopMs: number[]
  /** Executions by what was asked. */
  asked: Map<string, string>
}

async function play(options: PlayOptions): Promise<Played> {
  const { replies } = options
  const wire = wireObserver()
  const world = await createWorld(options, wire.saw)
  const began = Date.now()
  const restore = replaceNetwork(world.server)
  try {
    await Promise.all(Array.from({ length: replies }, (_, index) => playReply(world, index)))
    const views = world.users.flatMap((user) => user.views)
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline && views.some((view) => !view.ended); )
      await sleep(LOOK_MS)
    const verdict = noVerdict()
    for (const view of views) judge(view, await logOf(world.server, view), verdict)
    const { delays, stopMs } = world
    return {
      ...{ replies, verdict, stopMs, ...delays },
      faults: world.chaos.faults,
      views: views.length,
      wire: { gaps: wire.gaps(), repeats: wire.repeats() },
      transports: transportsOf(views),
      virtualMs: Date.now() - began,
    }
  } finally {
    for (const user of world.users) user.close()
    world.server.stop()
    restore()
  }
}

async function createWorld(
  { seed, odds = ROUGH, sabotage, createClient }: PlayOptions,
  onFrame: (frame: string) => void,
): Promise<World> {
  const chaos: Chaos = { random: seededRandom(seed), odds, faults: noFaults() }
  const [asked, stopMs] = [new Map<string, string>(), [] as number[]]
  const onStopped = (question: string): void => {
    // A worker may see the request before the user is told that it stands.
    stopMs.push(Date.now() - (server.cancelledAt(asked.get(question) ?? '') ?? Date.now()))
  }
  const model: LlmScript = moodyModel(chaos, onStopped)
  const networks = new Map(Array.from({ length: USERS }, (_, index) => [`user-${index}.example`, drawNetwork(chaos)]))
  const users: User[] = []
  const viewsOf = ({ host }: Way): readonly View[] => users[[...networks.keys()].indexOf(host)]?.views ?? []
  const server = await startServer({
    ...{ chaos, model, sabotage },
    networkOf(host) {
      const network = networks.get(host)
      if (!network) throw new Error(`nobody calls ${host}`)
      return network
    },
    onLoss: (way, how) => lose(viewsOf(way), way, how),
    onOpen: (way, since) => reopen(viewsOf(way), way, since),
    onFrame,
  })
  const delays: Delays = { resumeMs: [], slowResumeMs: [], recoveryMs: [], silentRecoveryMs: [] }
  for (const [host, { slow }] of networks) {
    const onEvent: UserOptions['onEvent'] = (view, event) =>
      resume(view, event, { slow, delays, appendedAt: (sequence) => server.appendedAt(view.executionId, sequence) })
    const onMovedBack = (): void => void chaos.faults.cursor_moved_back++
    users.push(createUser({ host, token: () => server.token(host), random: chaos.random, onEvent, onMovedBack, createClient }))
  }
  return { chaos, server, users, delays, stopMs, asked }
}

/** For as long as the world lasts, the network of this process is the one of its users. */
function replaceNetwork({ fetch, WebSocket }: Pick<Server, 'fetch' | 'WebSocket'>): () => void {
  const before = { fetch: globalThis.fetch, WebSocket: globalThis.WebSocket }
  Object.assign(globalThis, { fetch, WebSocket })
  return () => void Object.assign(globalThis, before)
}

/** One user asks; others come at once, in the middle, or when all is over; some leave and come back; somebody may have had enough. */
async function playReply(world: World, index: number): Promise<void> {
  const { chaos, users } = world
  const { random, odds, faults } = chaos
  const asker = random.pick(users)
  const visitors = Array.from({ length: random.below(4) }, () => ({
    user: random.pick(users),
    comesAfterMs: comesAfterMs(random),
  }))
  await sleep(random.below(ASKING_MS))
  const question = `reply ${index}`
  const { executionId } = await asker.ask(AGENT_ID, question)
  world.asked.set(question, executionId)
  const happenings = visitors.map(async ({ user, comesAfterMs }) => {
    await sleep(comesAfterMs)
    if (comesAfterMs < 100) faults.subscribed_early += 1
    if (comesAfterMs > 10_000) faults.subscribed_late += 1
    const end = await world.server.log.lastSequence(executionRef({ tenant: TENANT, executionId }))
    user.follow(executionId, random.chance(odds.knowsCursor) ? random.below(end + 2) - 1 : -1)
    if (!random.chance(odds.reloaded)) return
    await sleep(random.below(3_000))
    faults.page_reloaded += user.reload()
  })
  if (random.chance(odds.cancelled)) happenings.push(cancel())
  await Promise.all(happenings)

  async function cancel(): Promise<void> {
    await sleep(random.below(1_500))
    faults.execution_cancelled += 1
    await asker.cancel(executionId)
  }
}

function comesAfterMs(random: Random): number {
  const kind = random.next()
  if (kind < 0.4) return random.below(100)
  return kind < 0.8 ? 100 + random.below(3_000) : 10_000 + random.below(80_000)
}

function transportsOf(views: View[]): Played['transports'] {
  const names = views.flatMap(({ transports }) => transports)
  const byName = Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, uses]) => [name, uses.length]))
  return { byName, switches: views.reduce((sum, { transports }) => sum + Math.max(0, transports.length - 1), 0) }
}

const logOf = async ({ log }: Server, { executionId }: View): Promise<ExecutionEvent[]> =>
  (await log.read(executionRef({ tenant: TENANT, executionId }), -1, 100_000)) as ExecutionEvent[]
