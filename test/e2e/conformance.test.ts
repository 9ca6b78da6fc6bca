import { describe, expect, it } from 'vitest'
import { RULES } from '../conformance/rules/index.ts'
import { runRules } from '../conformance/run-rules.ts'
import { DEFAULTS } from '../conformance/target.ts'
import { deployedCloud } from '../helpers/deployed-cloud.ts'

describe('the deployed app', () => {
  const cloud = deployedCloud()

  it('keeps every rule of the protocol', { timeout: 600_000 }, async () => {
    const target = { ...DEFAULTS, baseUrl: cloud.frontDoorUrl, token: () => cloud.token() }

    const verdicts = await runRules(RULES, target, () => undefined)

    expect(verdicts.filter(({ ok }) => !ok)).toEqual([])
    expect(verdicts).toHaveLength(RULES.length)
  })
})
