import { expect, it } from 'vitest'
import { LLM_TIMEOUTS, timeoutsOf } from '#shared/llm/llm-timeouts.ts'

it.each([
  ['connectSeconds', 'connectMs'],
  ['firstTokenSeconds', 'firstTokenMs'],
  ['idleSeconds', 'idleMs'],
  ['totalSeconds', 'totalMs'],
] as const)('takes %s of an agent for %s, and the stage’s for the others', (said, limit) => {
  expect(timeoutsOf({ timeouts: { [said]: 1.5 } }, LLM_TIMEOUTS)).toEqual({ ...LLM_TIMEOUTS, [limit]: 1_500 })
})

it('takes the stage’s for an agent that says none', () => {
  expect(timeoutsOf({}, LLM_TIMEOUTS)).toEqual(LLM_TIMEOUTS)
})
