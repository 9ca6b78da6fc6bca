import { expect, it } from 'vitest'
import { changeAgentStatus } from '#shared/executions/change-agent-status.ts'
import { isAgentOf } from '#shared/executions/is-agent-of.ts'
import { runExecution } from '#shared/executions/run-execution.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { ASSISTANT, admissionWorld, NOW } from '../../helpers/admission.ts'
import { anAgent, anExecution } from '../../helpers/executions.ts'
import { senderTools } from '../../helpers/streams.ts'

it.each([
  ['2026-11-21T09:29:00.000Z', true],
  ['2026-11-21T09:30:00.000Z', true],
  ['2026-11-21T09:30:05.000Z', true],
  ['2026-11-21T09:30:05.001Z', false],
])('an agent of %s is that of an execution of 09:30: %s', (createdAt, expected) => {
  expect(isAgentOf(anAgent({ createdAt }), anExecution())).toBe(expected)
})

it('does not give what was to be tried again to the next agent of that id', async () => {
  const world = admissionWorld()
  await world.register()
  const record = await world.begin(await world.admitted())
  const [retryAt, state] = [NOW + 60_000, { attempt: 1, postedThrough: -1, usage: undefined }]
  await world.executions.retryLater(record, record.fence, { ...state, retryAt, dueAt: retryAt })
  await changeAgentStatus(world.dependencies, ASSISTANT, 'delete')
  world.later(60_000)
  await world.register({ createdAt: new Date(NOW + 30_000).toISOString() })
  const dependencies = {
    ...world.dependencies,
    answerer: () => expect.unreachable(),
    approvals: () => expect.unreachable(),
    poster: memoryConnectionPoster(),
    ...senderTools(),
    logger: memoryLog(),
    executionTimeoutMs: 600_000,
  }

  const item = { tenant: 'acme', executionId: record.executionId, agentId: 'assistant', admit: true }
  expect(await runExecution(dependencies, item, { remainingMs: () => 60_000 })).toBe('ended')

  expect(await world.get(record)).toMatchObject({ status: 'failed', error: { code: 'not_found' } })
})
