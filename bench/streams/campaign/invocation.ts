import { sleep } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Random } from '../../random.ts'
import type { Chaos, FaultKind } from './faults.ts'

/** A place in the calls of an invocation where its process ends, or stands still for a while. */
export type Interruption = {
  kind: FaultKind
  /** Port and method, such as `log.append`. */
  method: string
  /** Which call of it, from 1. */
  call: number
  when: 'before' | 'after'
  /** `kill`, or the milliseconds that it stands still. */
  effect: 'kill' | number
}

/** One run of a function in one process. Its calls take a while, and some of them fail. */
export type Invocation = {
  /** A port as this invocation sees it. */
  port<Port extends object>(name: string, port: Port): Port
  /** Settles with the work, or without it when the process was killed. */
  outcome(work: Promise<unknown>): Promise<'done' | 'failed' | 'killed'>
}

/** Way of a call to a store, one way, in milliseconds. */
const wayMs = (random: Random): number => 1 + random.below(6)

/** @param interruption - at most one; one that is never reached does nothing */
export function startInvocation({ random, odds, faults }: Chaos, interruption?: Interruption): Invocation {
  const calls = new Map<string, number>()
  const killed = Promise.withResolvers<'killed'>()
  let dead = false

  async function interrupt(method: string, call: number, when: Interruption['when']): Promise<void> {
    if (interruption?.method === method && interruption.call === call && interruption.when === when) {
      faults[interruption.kind] += 1
      if (interruption.effect === 'kill') {
        dead = true
        killed.resolve('killed')
      } else await sleep(interruption.effect)
    }
    if (dead) await forEver()
  }

  async function callThrough(method: string, make: () => Promise<unknown>): Promise<unknown> {
    const call = (calls.get(method) ?? 0) + 1
    calls.set(method, call)
    await interrupt(method, call, 'before')
    await sleep(wayMs(random))
    if (random.chance(odds.store.throttled)) {
      faults.store_throttled += 1
      throw new SluiceError('unavailable', 'injected: throttled')
    }
    const result = await make()
    await sleep(wayMs(random))
    await interrupt(method, call, 'after')
    if (random.chance(odds.store.answerLost)) {
      faults.store_answer_lost += 1
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
