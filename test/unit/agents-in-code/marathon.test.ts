import { expect, it } from 'vitest'
import { runAgent } from '#shared/runtime/testing.ts'
import { marathon } from '../../../functions/agents/marathon/agent.ts'

it('marathon writes on in other invocations, without a seam and as the same attempt', async () => {
  const run = await runAgent(marathon, { steps: 12, pause: 100 }, { invocationMs: 600 })

  expect(run).toMatchObject({ status: 'completed', attempt: 1, data: { steps: 12 } })
  expect(run.invocations).toBeGreaterThan(1)
  expect(run.text).toBe(Array.from({ length: 12 }, (_, step) => `Step ${step + 1} of 12.\n`).join(''))
  expect(run.events.map(({ sequence }) => sequence)).toEqual(run.events.map((_, index) => index))
  expect(run.events.map(({ type }) => type)).not.toContain('retrying')
  expect(run.events.filter(({ type }) => type === 'started')).toHaveLength(1)
})
