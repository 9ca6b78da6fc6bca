import type { Clock } from '#shared/platform/clock.ts'
import type { Readiness } from '#shared/protocol/health.ts'
import { remembered } from './remembered.ts'

/** Something that requests need, and a cheap question that it answers when it is well. */
export type Probe = { name: string; check(signal: AbortSignal): Promise<unknown> }

/** How long a dependency may take to answer, in milliseconds. */
const DEADLINE = 2_000

/** How long an answer is given again, in milliseconds: anybody may ask, and every question of ours costs. */
const MAX_AGE = 5_000

/** Readiness of one container, asked for when somebody wants to know and not again while the answer is fresh. */
export function readinessOf(probes: readonly Probe[], clock: Clock): () => Promise<Readiness> {
  return remembered(() => checkReadiness(probes), clock, MAX_AGE)
}

/** Asks all at once. The answer names the kind of an error and never its text: anybody may read it. */
export async function checkReadiness(probes: readonly Probe[], deadline = DEADLINE): Promise<Readiness> {
  const dependencies = await Promise.all(probes.map((probe) => ask(probe, deadline)))
  return { status: dependencies.every(({ status }) => status === 'ok') ? 'ok' : 'unavailable', dependencies }
}

async function ask({ name, check }: Probe, deadline: number): Promise<Readiness['dependencies'][number]> {
  const started = performance.now()
  const signal = AbortSignal.timeout(deadline)
  const expired = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  try {
    await Promise.race([check(signal), expired])
    return { name, status: 'ok', detail: `${Math.round(performance.now() - started)} ms` }
  } catch (error) {
    return { name, status: 'unavailable', detail: signal.aborted ? `no answer within ${deadline} ms` : nameOf(error) }
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown error')
