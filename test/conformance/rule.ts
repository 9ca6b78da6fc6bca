import { isDeepStrictEqual } from 'node:util'
import type { Visit } from './visit.ts'

/** One sentence of `docs/protocol.md` that a server keeps or breaks. */
export type Rule = {
  /** The sentence. */
  name: string
  /** Part of the protocol it stands in; `--only` picks by it. */
  part: string
  /** Throws a {@link RuleBroken} when the server does otherwise. */
  check(visit: Visit): Promise<void>
}

/** What the server did instead. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken'
}

/** Rules of one part, by their sentences. */
export function rulesOf(part: string, checks: Record<string, Rule['check']>): Rule[] {
  return Object.entries(checks).map(([name, check]) => ({ name, part, check }))
}

/** @param what - what is the case when the condition does not hold */
export function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new RuleBroken(what)
}

/** @param what - the thing compared: `the cursor`, `the status of …` */
export function equal(actual: unknown, expected: unknown, what: string): void {
  must(isDeepStrictEqual(actual, expected), `${what} is ${shown(actual)} instead of ${shown(expected)}`)
}

const LONGEST = 300

/** A value in an error message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
