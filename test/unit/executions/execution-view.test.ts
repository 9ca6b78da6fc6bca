import { expect, it } from 'vitest'
import { toExecution } from '#shared/executions/execution-view.ts'
import { executionSchema } from '#shared/protocol/execution.ts'
import { anExecution } from '../../helpers/executions.ts'

it('shows what a client may see, and nothing of the bookkeeping', () => {
  const execution = toExecution(
    anExecution({
      ...{ executionId: 'e1', leaseOwner: 'w', leaseExpiresAt: 1, checkpoint: { state: '{}', sequence: 1 }, worker: 'triage' },
      ...{ place: '05#2026#e1', retryAt: Date.parse('2026-11-21T10:00:00Z'), expiresAtMs: Date.parse('2026-11-21T11:00:00Z') },
      ...{ retryOf: 'e0', parentId: 'p1', rootId: 'r1', depth: 2, correlationId: 'c1', inputRef: 'secret/key' },
    }),
  )

  const shown = JSON.parse(JSON.stringify(execution))
  expect(executionSchema.parse(shown)).toEqual(shown)
  expect(shown).toMatchObject({
    ...{ held: true, retryAt: '2026-11-21T10:00:00.000Z', expiresAt: '2026-11-21T11:00:00.000Z', retryOf: 'e0' },
    ...{ parentId: 'p1', rootId: 'r1', depth: 2, correlationId: 'c1', priority: 5 },
  })
  const hidden = ['tenant', 'place', 'fence', 'leaseOwner', 'leaseExpiresAt', 'checkpoint', 'worker', 'requestHash', 'inputRef']
  for (const name of hidden) expect(shown).not.toHaveProperty(name)
})

it('says who made an output, and when', () => {
  const ended = anExecution({ output: { text: 'Done.', data: { urgency: 'high' } }, endedAt: '2026-11-21T09:31:00.000Z' })

  expect(toExecution(ended).output).toEqual({
    text: 'Done.',
    data: { urgency: 'high' },
    agent_id: 'assistant',
    timestamp: '2026-11-21T09:31:00.000Z',
  })
  expect(toExecution(anExecution()).output).toBeUndefined()
  expect(toExecution(anExecution()).held).toBeUndefined()
})
