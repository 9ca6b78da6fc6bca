import { SluiceError } from '#shared/platform/errors.ts'
import type { Random } from '../../../bench/random.ts'
import type { FaultKind, FaultLog } from './fault-log.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A place in the calls of an invocation where it ends for good, or stands still. */
export type Interruption = {
  kind: FaultKind
  /** Port and method, such as `log.append`. */
  method: string
  /** Which call of it, from 1. */
  call: number
  /** Before the call is made, or when it was made and its answer is on its way. */
  when: 'before' | 'after'
  /** `kill`: nothing of this invocation ever runs again. Otherwise it stands still for so many milliseconds and then goes on. */
  effect: 'kill' | { freezeMs: number }
}

export type CallFaults = { throttled: number; answerLost: number }

/** One run of a function in one process, whose calls to the world fail as the draw says. */
export type Invocation = {
  /** A port as this invocation sees it. */
  port<Port extends object>(name: string, port: Port): Port
  /** Settles with the work, or without it when the process was killed. */
  outcome(work: Promise<unknown>): Promise<'done' | 'failed' | 'killed'>
}

export type InvocationDependencies = { clock: VirtualClock; random: Random; log: FaultLog; thaw(at: number): Promise<void> }

/**
 * @param interruption - at most one; what is never reached does nothing
 * @param faults - probabilities for each call of each port
 */
export function startInvocation(
  { clock, random, log, thaw }: InvocationDependencies,
  interruption: Interruption | undefined,
  faults: CallFaults,
): Invocation {
  const calls = new Map<string, number>()
  const killed = Promise.withResolvers<'killed'>()
  let dead = false

  async function interrupt(method: string, call: number, when: Interruption['when']): Promise<void> {
    if (dead) await forEver()
    if (interruption?.method !== method || interruption.call !== call || interruption.when !== when) return
    log.add(interruption.kind)
    if (interruption.effect === 'kill') {
      dead = true
      killed.resolve('killed')
      await forEver()
    } else await thaw(clock.now() + interruption.effect.freezeMs)
  }

  async function callThrough(method: string, make: () => Promise<unknown>): Promise<unknown> {
    const call = (calls.get(method) ?? 0) + 1
    calls.set(method, call)
    await interrupt(method, call, 'before')
    if (random.chance(faults.throttled)) {
      log.add(method.startsWith('workQueue.') ? 'queue_failed' : 'database_throttled')
      throw new SluiceError('unavailable', 'injected: throttled')
    }
    const result = await make()
    await interrupt(method, call, 'after')
    if (random.chance(faults.answerLost)) {
      log.add('database_answer_lost')
      throw new SluiceError('unavailable', 'injected: the answer was lost')
    }
    return result
  }

  return {
    port(name, port) {
      const seen = { ...port }
      for (const key of Object.keys(port) as (keyof typeof port & string)[]) {
        const method = port[key]
        if (typeof method !== 'function') continue
        const wrapped = (...parameters: unknown[]) =>
          callThrough(`${name}.${key}`, async () => method.apply(port, parameters) as unknown)
        seen[key] = wrapped as (typeof port)[typeof key]
      }
      return seen
    },
    outcome: (work) =>
      Promise.race([
        work.then(
          () => 'done' as const,
          () => 'failed' as const,
        ),
        killed.promise,
      ]),
  }
}

const forEver = (): Promise<never> => new Promise(() => undefined)
