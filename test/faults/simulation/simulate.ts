import type { AgentKey } from '#shared/agents/gate.ts'
import { cancelExecution } from '#shared/executions/cancel-execution.ts'
import { changePriority } from '#shared/executions/change-priority.ts'
import { messageExecutionId } from '#shared/executions/dispatch-message.ts'
import { hasEnded } from '#shared/executions/execution-status.ts'
import type { ExecutionKey } from '#shared/executions/execution-store.ts'
import { startExecution } from '#shared/executions/start-execution.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { AgentVerb } from '#shared/protocol/agent-lifecycle.ts'
import { allowedVerbs } from '#shared/protocol/agent-lifecycle.ts'
import { executionRef } from '#shared/streams/channel-ref.ts'
import { anEnvelope } from '../../helpers/streams.ts'
import { AGENTS, PASSING, TOPICS } from './agents.ts'
import type { FaultKind } from './fault-log.ts'
import { decide, passTurns } from './people.ts'
import { FAULTS, type SimulatedCloud, simulatedCloud } from './simulated-cloud.ts'
import { judge, type Verdict } from './verdict.ts'
import { follow, type Viewer } from './viewer.ts'

const TENANT = 'acme'
const MINUTE_MS = 60_000
/** Work that is asked for in one round; rounds are what the virtual clock goes on in. */
const ASKED_A_ROUND = 20
const ALL = [...AGENTS, PASSING]
/** When a run that does not come to rest is given up: in rounds in which nothing is asked any more. */
const MAX_RESTING_ROUNDS = 20_000

export type SimulationOptions = { executions: number; seed: number; onProgress?: (asked: number, ended: number) => void }

export type SimulationResult = {
  executions: number
  lost: number
  duplicated: number
  stuck: number
  faults: Record<FaultKind, number>
  seed: number
  /** How each execution ended. */
  endings: Record<string, number>
  /** Simulated time, in seconds. */
  simulatedSeconds: number
  verdict: Verdict
}

type Run = { cloud: SimulatedCloud; accepted: ExecutionKey[]; viewers: Viewer[]; nextSweep: number }

/** Asks for so many executions while everything breaks, lets all of it come to rest, and looks at what became of each. */
export async function simulate({ executions, seed, onProgress }: SimulationOptions): Promise<SimulationResult> {
  const cloud = simulatedCloud(seed)
  const began = cloud.clock.now()
  const run: Run = { cloud, accepted: [], viewers: [], nextSweep: began + MINUTE_MS }
  for (const agent of AGENTS) await cloud.stores.agents.create(TENANT, agent)
  await register(cloud)

  while (run.accepted.length < executions) {
    await ask(run, Math.min(ASKED_A_ROUND, executions - run.accepted.length))
    await disturb(run)
    await turn(run)
    onProgress?.(run.accepted.length, countEnded(run))
  }
  for (let round = 0; round < MAX_RESTING_ROUNDS && !(await isAtRest(run)); round++) {
    if (round % 20 === 0) await runEverything(run)
    await turn(run)
    onProgress?.(run.accepted.length, countEnded(run))
  }
  return resultOf(run, seed, began)
}

async function ask(run: Run, count: number): Promise<void> {
  const { cloud, accepted, viewers } = run
  const { random } = cloud
  for (let asked = 0; asked < count; ) {
    const before = accepted.length
    if (random.chance(FAULTS.poison)) {
      cloud.log.add('poison_message')
      cloud.ingress.send('poison')
    }
    if (random.chance(0.5)) publish(run)
    else await askDirectly(run)
    asked += accepted.length - before
    const last = accepted.at(-1)
    if (last && random.chance(0.1)) viewers.push(follow({ ...cloud.steady(), poster: cloud.sockets }, executionRef(last)))
  }
}

function publish({ cloud, accepted }: Run): void {
  const topic = `topic-${cloud.random.below(TOPICS)}`
  const envelope = anEnvelope({ topic, priority: 1 + cloud.random.below(10), data: { content: 'a question' } })
  cloud.ingress.send({ tenant: TENANT, envelope })
  for (const { agentId, topics } of AGENTS) {
    if (topics.includes(topic)) accepted.push({ tenant: TENANT, executionId: messageExecutionId(TENANT, envelope, agentId) })
  }
}

async function askDirectly({ cloud, accepted }: Run): Promise<void> {
  const { random } = cloud
  const { agentId } = random.pick(ALL)
  const executionId = `direct-${accepted.length}`
  const expiresAtMs = random.chance(0.02) ? cloud.clock.now() + random.below(20_000) : undefined
  await startExecution(cloud.steady(), {
    ...{ tenant: TENANT, executionId, agentId, input: { content: 'a question' }, expiresAtMs },
    priority: 1 + random.below(10),
  })
  accepted.push({ tenant: TENANT, executionId })
}

/** What users and operators do meanwhile, and what clocks do. */
async function disturb(run: Run): Promise<void> {
  const { cloud, accepted } = run
  const { random, log } = cloud
  const agent = keyOf(random.pick(AGENTS).agentId)
  if (random.chance(0.1)) await verbs(cloud, agent, ['pause', 'stop'])
  if (random.chance(0.3)) await verbs(cloud, agent, ['resume', 'start'])
  if (random.chance(0.05) && (await expected(cloud.verb(keyOf(PASSING.agentId), 'delete')))) log.add('agent_deleted')
  if (random.chance(0.3)) await register(cloud)
  const victim = random.pick(accepted)
  if (random.chance(0.2) && (await expected(cancelExecution(cloud.steady(), victim)))) log.add('execution_cancelled')
  if (random.chance(0.2) && (await expected(changePriority(cloud.steady(), victim, 1 + random.below(10)))))
    log.add('execution_reprioritised')
  if (random.chance(0.5)) await decide(cloud, TENANT, 0.3)
  if (random.chance(0.5)) await passTurns(cloud, TENANT, 0.3)
  if (random.chance(0.01)) {
    log.add('clock_skewed')
    cloud.clock.advance(random.pick([-20_000, 45_000, 120_000]))
  }
}

/** Does nothing as long as the one before is there. */
async function register({ stores, clock }: SimulatedCloud): Promise<void> {
  await stores.agents.create(TENANT, { ...PASSING, createdAt: timestamp(clock) })
}

async function verbs(cloud: SimulatedCloud, key: AgentKey, wanted: AgentVerb[]): Promise<void> {
  const agent = await cloud.stores.agents.get(key.tenant, key.agentId)
  const verb = wanted.find((name) => agent && allowedVerbs(agent.status).includes(name))
  if (!verb || !(await expected(cloud.verb(key, verb)))) return
  if (verb === 'pause') cloud.log.add('agent_paused')
  if (verb === 'stop') cloud.log.add('agent_stopped')
}

/** Whether a call did what it was asked for; `false` when it was refused for a reason that a user would understand. */
async function expected(call: Promise<unknown>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    if (error instanceof SluiceError && error.code !== 'internal') return false
    throw error
  }
}

async function runEverything({ cloud }: Run): Promise<void> {
  await decide(cloud, TENANT, 1)
  await passTurns(cloud, TENANT, 1)
  for (const { agentId } of AGENTS) await verbs(cloud, keyOf(agentId), ['resume', 'start'])
}

/** One round: workers take what is visible, time goes on, the sweeper comes every minute. */
async function turn(run: Run): Promise<void> {
  const { cloud } = run
  cloud.poll()
  await breathe()
  cloud.clock.advance(cloud.random.below(1_000))
  if (cloud.busy() === cloud.frozen.length) cloud.clock.advance(untilNextEvent(run))
  cloud.thawDue()
  if (cloud.clock.now() < run.nextSweep) return
  run.nextSweep = cloud.clock.now() + MINUTE_MS
  await cloud.sweep()
}

/** Nobody runs: time may jump to whatever comes next. */
function untilNextEvent({ cloud, nextSweep }: Run): number {
  const times = [cloud.ingress.nextVisible(), cloud.work.nextVisible(), ...cloud.frozen.map(({ until }) => until), nextSweep]
  const next = Math.min(...times.flatMap((time) => time ?? []))
  return Math.max(0, next - cloud.clock.now())
}

/** Lets promises and short timers go on. */
const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3))

const keyOf = (agentId: string): AgentKey => ({ tenant: TENANT, agentId })
const recordsOf = ({ cloud }: Run) => cloud.stores.executions.stored.all().map(({ record }) => record)
const countEnded = (run: Run): number => recordsOf(run).filter(({ status }) => hasEnded(status)).length

async function isAtRest(run: Run): Promise<boolean> {
  const { cloud, accepted, viewers } = run
  if (cloud.busy() > 0 || countEnded(run) < accepted.length) return false
  const gates = await Promise.all(ALL.map(({ agentId }) => cloud.stores.admission.gate(keyOf(agentId))))
  const free = gates.every((gate) => !gate || (gate.active.length === 0 && gate.waiting === 0))
  return free && cloud.work.size() === 0 && viewers.every((viewer) => viewer.ended())
}

async function resultOf(run: Run, seed: number, began: number): Promise<SimulationResult> {
  const { cloud, accepted, viewers } = run
  const { deeds } = cloud.careful
  const verdict = await judge({ ...cloud.stores, deeds, accepted, viewers, agents: ALL.map(({ agentId }) => keyOf(agentId)) })
  const known = new Set(accepted.map(({ executionId }) => executionId))
  for (const { executionId } of recordsOf(run))
    if (!known.has(executionId)) verdict.duplicated.push(`${executionId}: nobody asked for it`)
  const endings: Record<string, number> = {}
  for (const { status } of recordsOf(run)) endings[status] = (endings[status] ?? 0) + 1
  return {
    executions: accepted.length,
    lost: verdict.lost.length,
    duplicated: verdict.duplicated.length,
    stuck: verdict.stuck.length,
    faults: cloud.log.counts,
    seed,
    endings,
    simulatedSeconds: Math.round((cloud.clock.now() - began) / 1_000),
    verdict,
  }
}
