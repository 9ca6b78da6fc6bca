import { type Rule, RuleBroken } from './rule.ts'
import type { Target } from './target.ts'
import { type Ended, type Visit, visitOf } from './visit.ts'

export type Verdict = { part: string; rule: string; ok: boolean; ms: number; reason?: string }

/** Rules at work at a time: a server that is not warm has room for so many. */
const AT_A_TIME = 4

/**
 * Checks each rule with a visit of its own.
 *
 * @param tell - is told each verdict when it is there
 * @returns the verdicts in the order of the rules
 */
export async function runRules(rules: readonly Rule[], target: Target, tell: (verdict: Verdict) => void): Promise<Verdict[]> {
  const verdicts: Verdict[] = []
  const waiting = [...rules.entries()]
  let shared: Promise<Ended> | undefined
  const ended = (visit: Visit): Promise<Ended> => {
    shared ??= makeEnded(target, visit)
    return shared
  }
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [place, rule] = next
      const verdict = await judge(rule, target, ended)
      verdicts[place] = verdict
      tell(verdict)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return verdicts
}

async function judge(rule: Rule, target: Target, ended: (visit: Visit) => Promise<Ended>): Promise<Verdict> {
  const { name, part, check } = rule
  const visiting = new AbortController()
  const signal = AbortSignal.any([visiting.signal, AbortSignal.timeout(target.deadlineMs)])
  const began = performance.now()
  const verdict = (reason?: string): Verdict => {
    const ms = Math.round(performance.now() - began)
    return { part, rule: name, ok: reason === undefined, ms, ...(reason !== undefined && { reason }) }
  }
  try {
    await check(visitOf(target, signal, ended))
    return verdict()
  } catch (error) {
    return verdict(reasonOf(error))
  } finally {
    visiting.abort()
  }
}

/** An execution that has ended, made by a visit that no single rule's end cuts short. */
async function makeEnded(target: Target, visit: Visit): Promise<Ended> {
  const signal = AbortSignal.timeout(target.deadlineMs)
  const own = visitOf(target, signal, () => Promise.reject(new RuleBroken('it is being made')))
  const executionId = await own.ask()
  const stream = await own.stream(`/streams/executions/${executionId}`, { headers: await own.withTicket() })
  await stream.all()
  return { executionId, events: await visit.eventsOf(executionId) }
}

function reasonOf(error: unknown): string {
  if (error instanceof RuleBroken) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
