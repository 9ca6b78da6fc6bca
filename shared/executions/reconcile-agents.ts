import pLimit from 'p-limit'
import { type AgentKey, GATE_LOOK_MS } from '#shared/agents/gate.ts'
import { workerOf } from '#shared/agents/worker-of.ts'
import type { Log } from '#shared/platform/log.ts'
import type { Agent } from '#shared/protocol/agent.ts'
import { repairSlots } from './repair-slots.ts'
import { type LifecycleDependencies, settleAgent } from './settle-agent.ts'

const PAGE = 100
const AT_ONCE = 10

export type ReconcileDependencies = LifecycleDependencies & {
  logger: Log
  /** Time between two checks of a running agent's health, in milliseconds. */
  healthCheckMs: number
}

/**
 * Looks at the agents that are due: goes on with `starting` and `stopping`, repairs slots, admits who waits before a free one, and has the
 * health of running agents checked. An agent that cannot be looked at is put off, and delays no other.
 *
 * @param signal - ends it between two agents; the next call goes on
 * @returns how many agents were looked at
 */
export async function reconcileAgents(dependencies: ReconcileDependencies, signal: AbortSignal): Promise<number> {
  const { agents, clock, logger } = dependencies
  const limit = pLimit(AT_ONCE)
  const seen = new Set<string>()
  const look = async (key: AgentKey): Promise<void> => {
    if (signal.aborted) return
    seen.add(nameOf(key))
    const seenAt = clock.now()
    await reconcileAgent(dependencies, key, seenAt, signal).catch(async (error: unknown) => {
      logger.error('agent_not_reconciled', { ...key, error })
      await agents.postpone(key, { seenAt, dueAt: seenAt + GATE_LOOK_MS })
    })
  }
  while (!signal.aborted) {
    const due = await agents.listDue(clock.now(), PAGE)
    // The index lags behind the table: what was put off just now may still be in it.
    const fresh = due.filter((key) => !seen.has(nameOf(key)))
    await Promise.all(fresh.map((key) => limit(look, key)))
    if (due.length < PAGE || fresh.length === 0) break
  }
  return seen.size
}

async function reconcileAgent(
  dependencies: ReconcileDependencies,
  key: AgentKey,
  seenAt: number,
  signal: AbortSignal,
): Promise<void> {
  const { agents, workQueue, healthCheckMs } = dependencies
  await repairSlots(dependencies, key)
  const agent = await agents.get(key.tenant, key.agentId)
  const settled = agent && (await settleAgent(dependencies, key, agent, signal))
  // Its gate, by which it was found, is gone with it.
  if (!settled) return
  let checkAt = healthDueAt(settled, healthCheckMs)
  if (checkAt !== undefined && checkAt <= seenAt) {
    await workQueue.probe({ ...key, probe: true, worker: workerOf(settled) })
    checkAt = seenAt + healthCheckMs
  }
  await agents.postpone(key, { seenAt, dueAt: await nextLook(dependencies, key, settled, seenAt, checkAt) })
}

/** Only who runs can be asked how it is. */
function healthDueAt({ status, healthCheckedAt }: Agent, healthCheckMs: number): number | undefined {
  if (status !== 'running') return undefined
  return healthCheckedAt === undefined ? 0 : Date.parse(healthCheckedAt) + healthCheckMs
}

/** Who is on its way is looked at with every sweep, a gate in use every minute, others when their health is to be checked. */
async function nextLook(
  { admission }: ReconcileDependencies,
  key: AgentKey,
  { status }: Agent,
  seenAt: number,
  checkAt: number | undefined,
): Promise<number | undefined> {
  if (status === 'starting' || status === 'stopping') return seenAt
  const gate = await admission.gate(key)
  const inUse = gate !== undefined && (gate.active.length > 0 || (gate.open && gate.waiting > 0))
  return inUse ? Math.min(seenAt + GATE_LOOK_MS, checkAt ?? Number.POSITIVE_INFINITY) : checkAt
}

const nameOf = ({ tenant, agentId }: AgentKey): string => JSON.stringify([tenant, agentId])
