import { describe, expect, it } from 'vitest'
import type { Rule } from '../../conformance/rule.ts'
import { PARTS, RULES } from '../../conformance/rules/index.ts'
import { runRules, type Verdict } from '../../conformance/run-rules.ts'
import { DEFECTS, type Defect } from '../../helpers/model-front-door/defects.ts'
import { startModelFrontDoor } from '../../helpers/model-front-door/model-front-door.ts'
import { LONG_QUESTION } from '../../helpers/model-front-door/world.ts'

const DEFECT_NAMES = Object.keys(DEFECTS) as Defect[]

/** What the rules say of a front door with these defects. */
async function examine(rules: readonly Rule[], deadlineMs: number, ...defects: Defect[]): Promise<Verdict[]> {
  const door = await startModelFrontDoor(...defects)
  const question = { agentId: 'assistant', question: 'What is a lock?', longQuestion: LONG_QUESTION, token: async () => 'good' }
  try {
    return await runRules(rules, { ...question, baseUrl: door.url, deadlineMs, silenceMs: 10_000 }, () => undefined)
  } finally {
    await door.stop()
  }
}

describe('the rules of the protocol', () => {
  it('hold for a server that keeps them', { timeout: 60_000 }, async () => {
    const verdicts = await examine(RULES, 30_000)

    expect(verdicts.filter(({ ok }) => !ok)).toEqual([])
    expect(verdicts.map(({ rule }) => rule)).toEqual(RULES.map(({ name }) => name))
  })

  it.concurrent.each(DEFECT_NAMES)('find a server with: %s', async (defect) => {
    const rules = RULES.filter(({ name }) => (DEFECTS[defect] as readonly string[]).includes(name))

    const verdicts = await examine(rules, 1_500, defect)

    expect(verdicts.length).toBeGreaterThan(0)
    expect(verdicts.map(({ ok, rule }) => ({ ok, rule }))).toEqual(rules.map(({ name }) => ({ ok: false, rule: name })))
  })

  it('have each a sentence of its own, and a defect that breaks it', () => {
    const names = RULES.map(({ name }) => name)

    expect(new Set(names).size).toBe(names.length)
    expect([...new Set(Object.values(DEFECTS).flat())].toSorted()).toEqual(names.toSorted())
    expect(PARTS).toContain('sse')
  })

  it('are broken when nobody answers, with the reason', async () => {
    const [rule] = RULES
    const target = {
      agentId: 'a',
      question: 'q',
      longQuestion: 'q',
      token: async () => 'good',
      baseUrl: 'http://127.0.0.1:9',
      deadlineMs: 2_000,
      silenceMs: 1,
    }

    const [verdict] = await runRules(rule ? [rule] : [], target, () => undefined)

    expect(verdict).toMatchObject({ ok: false, reason: expect.stringContaining('fetch failed') })
  })
})
