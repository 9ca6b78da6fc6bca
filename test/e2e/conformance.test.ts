import { describe, expect, it } from 'vitest'
import { RULES } from '../conformance/rules/index.ts'
import { runRules } from '../conformance/run-rules.ts'
import { DEFAULTS } from '../conformance/target.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'

/** Room for cold starts on a busy machine, and an answer that is not over before it is cancelled. */
const PATIENT = {
  ...DEFAULTS,
  longQuestion: '[[tokens=400 rate=40 utf8=1]] Tell in about four hundred words what a canal lock is.',
  deadlineMs: 150_000,
  silenceMs: 30_000,
}

describe('the deployed app', () => {
  const cloud = deployedCloud()

  it('keeps every rule of the protocol', { timeout: 600_000 }, async () => {
    const target = { ...PATIENT, baseUrl: cloud.frontDoorUrl, token: () => cloud.token() }

    const verdicts = await runRules(RULES, target, () => undefined)

    expect(verdicts.filter(({ ok }) => !ok)).toEqual([])
    expect(verdicts).toHaveLength(RULES.length)
  })
})
