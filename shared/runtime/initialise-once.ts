import type { AgentStore } from '#shared/agents/agent-store.ts'
import type { AgentKey } from '#shared/agents/gate.ts'
import { shownError } from '#shared/executions/shown-error.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import type { Log } from '#shared/platform/log.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { AgentDefinition } from './agent-definition.ts'
import { agentLogger } from './agent-logger.ts'

/** Tries in a row before the agent is `failed`: its work waits until somebody starts it again. */
const MAX_TRIES = 3
/** Longest `onInit`, in milliseconds. */
const INIT_TIMEOUT_MS = 60_000

export type InitialiseDependencies = { agents: AgentStore; clock: Clock; logger: Log }

/**
 * Calls an agent's `onInit` before the first execution of the container, once for all that begin together. When it throws, these
 * executions are tried again, and `onInit` with them.
 *
 * @returns what to call before each execution; throws SluiceError `unavailable`
 */
export function initialiseOnce(
  { agents, clock, logger }: InitialiseDependencies,
  definition: AgentDefinition,
): (agent: AgentKey) => Promise<void> {
  let ready: Promise<void> | undefined
  let failures = 0

  async function initialise(agent: AgentKey): Promise<void> {
    const signal = AbortSignal.timeout(INIT_TIMEOUT_MS)
    const context = { agentId: agent.agentId, logger: agentLogger(logger, agent), signal }
    try {
      await unlessAborted((async () => definition.onInit?.(context))(), signal)
    } catch (error) {
      ready = undefined
      failures += 1
      logger.error('agent_init_failed', { ...agent, tries: failures, error })
      if (failures >= MAX_TRIES) await fail(agent, error)
      throw new SluiceError('unavailable', `the agent "${agent.agentId}" could not be initialised`, { cause: error })
    }
  }

  async function fail({ tenant, agentId }: AgentKey, error: unknown): Promise<void> {
    failures = 0
    const { code, detail } = shownError(toSluiceError(error))
    await agents.changeStatus(
      { tenant, agentId },
      {
        from: ['starting', 'running', 'paused'],
        to: 'failed',
        open: false,
        reason: { code, detail: `onInit failed ${MAX_TRIES} times: ${detail}` },
        at: timestamp(clock),
      },
    )
  }

  return (agent) => {
    ready ??= initialise(agent)
    return ready
  }
}
