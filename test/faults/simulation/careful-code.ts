import type { Answerer, AnswerRequest } from '#shared/executions/answerer.ts'
import { sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Random } from '../../../bench/random.ts'
import type { FaultLog } from './fault-log.ts'
import type { VirtualClock } from './virtual-clock.ts'

const CALLS = ['call-0', 'call-1', 'call-2']
/** So long that whoever was not woken is found standing. */
const LONG_SECONDS = 60 * 86_400
/** What people do not decide in time is not done, in seconds. */
const SHORT_SECONDS = 90

type Step = 'turn' | 'ask' | 'begun' | 'done'

/** What became of one execution of the agent. */
export type Deeds = { approved: string[]; made: string[] }

/**
 * Code that waits for its turn, asks people about three calls, makes those that were approved, and sometimes fails between the steps. What has
 * begun is not made again: whoever goes on from there does not know what became of it.
 */
export function carefulCode({ clock, random, log }: { clock: VirtualClock; random: Random; log: FaultLog }): {
  answerer: Answerer
  deeds: Map<string, Deeds>
  /** Whose turn it is not yet. */
  waiting: Set<string>
} {
  const deeds = new Map<string, Deeds>()
  const waiting = new Set<string>()

  async function stumble(signal: AbortSignal): Promise<void> {
    if (random.chance(0.2)) await sleep(random.below(8), signal)
    if (!random.chance(0.05)) return
    log.add('model_failed')
    throw new SluiceError('network_error', 'injected')
  }

  /** Time in which others can bring what is waited for: between the look and the wait. */
  const hesitate = (signal: AbortSignal): Promise<void> => sleep(random.chance(0.5) ? random.below(40) : 0, signal)

  async function act({ record: { executionId }, checkpoints, approvals, signal }: AnswerRequest): Promise<void> {
    let step = (checkpoints.state ?? 'turn') as Step
    if (step === 'turn') {
      if (!deeds.has(executionId) && random.chance(0.5)) waiting.add(executionId)
      const mine = deeds.get(executionId) ?? { approved: [], made: [] }
      deeds.set(executionId, mine)
      const mustWait = waiting.has(executionId)
      await hesitate(signal)
      await stumble(signal)
      if (mustWait) await checkpoints.suspend(step, { for: 'turn', until: clock.now() + LONG_SECONDS * 1_000 })
      step = 'ask'
    }
    const mine = deeds.get(executionId) ?? { approved: [], made: [] }
    if (step === 'ask') {
      const timeoutSeconds = random.chance(0.2) ? SHORT_SECONDS : LONG_SECONDS
      const request = { toolName: 'pay', arguments: { amount: 3 }, timeoutSeconds }
      const asked = await approvals.ask(
        CALLS.slice(0, 1 + (executionId.length % CALLS.length)).map((callId) => ({ callId, ...request })),
      )
      await hesitate(signal)
      await stumble(signal)
      const pending = asked.filter(({ status }) => status === 'pending').map(({ expiresAt }) => Date.parse(expiresAt))
      if (pending.length > 0) await checkpoints.suspend(step, { for: 'input', until: Math.min(...pending) })
      mine.approved = asked.filter(({ status }) => status === 'approved').map(({ callId }) => callId)
      await checkpoints.save('begun' satisfies Step)
      mine.made.push(...mine.approved)
    }
    await stumble(signal)
    await checkpoints.save('done' satisfies Step)
  }

  return {
    deeds,
    waiting,
    async answerer(request) {
      await act(request)
      request.writer.write({ type: 'content_chunk', data: { text: 'acted. ' } })
      return { stopReason: 'end' }
    },
  }
}
