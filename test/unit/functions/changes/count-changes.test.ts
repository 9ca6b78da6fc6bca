import { describe, expect, it } from 'vitest'
import type { Change } from '#shared/events/change.ts'
import type { EmbeddedMetric } from '#shared/metrics/embedded-metrics.ts'
import { memoryCounterStore } from '#shared/metrics/memory-counter-store.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { countChanges } from '../../../../functions/changes/count-changes.ts'
import { anAgent, anExecution } from '../../../helpers/executions.ts'

function aFunction() {
  const told: EmbeddedMetric[] = []
  const dependencies = {
    counters: memoryCounterStore(),
    metrics: { put: (metrics: readonly EmbeddedMetric[]) => void told.push(...metrics) },
    logger: memoryLog(),
  }
  return { ...dependencies, told, count: (changes: (Change | undefined)[]) => countChanges(dependencies, changes) }
}

const at = '2026-11-21T09:30:05.000Z'
const running = anExecution({ status: 'running', attempt: 1, nextAttempt: 2, startedAt: '2026-11-21T09:30:00.500Z' })
const ended = (status: 'completed' | 'failed' | 'cancelled'): Change => ({
  kind: 'execution',
  at,
  before: running,
  after: { ...running, status, endedAt: '2026-11-21T09:30:02.500Z' },
})

describe('countChanges', () => {
  it('counts for the agent and the tenant of the execution, at the time of the write', async () => {
    const { count, counters } = aFunction()

    await count([undefined, { kind: 'execution', at, after: running }, { kind: 'agent', tenant: 'acme', at, after: anAgent() }])

    const expected = { queued: 1, started: 1, 'wait:0.5': 1, waitMs: 500 }
    expect(await counters.totals('acme')).toEqual(expected)
    const hour = { from: Date.parse('2026-11-21T09:00:00Z'), to: Date.parse('2026-11-21T10:00:00Z') }
    expect(await counters.hoursOfAgent({ tenant: 'acme', agentId: 'assistant' }, hour)).toEqual([
      { start: hour.from, counters: expected },
    ])
    expect(await counters.totals('other')).toEqual({})
  })

  it('tells CloudWatch each value, and none of what did not happen', async () => {
    const { count, told } = aFunction()

    await count([ended('completed'), ended('failed'), ended('cancelled')])

    const values = Object.fromEntries(told.filter(({ values }) => values.length > 0).map(({ name, values }) => [name, values]))
    expect(values).toEqual({
      agent_orchestrator_session_duration_seconds: [2, 2, 2],
      agent_orchestrator_task_success_rate: [1, 0],
      agent_orchestrator_errors_total: [1],
    })
  })

  it('says that counts are lost when they cannot be written, and fails nothing', async () => {
    const { count, counters, logger } = aFunction()
    counters.add = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }))

    await count([ended('completed')])

    expect(logger.lines).toMatchObject([{ level: 'warn', code: 'counts_lost', fields: { changes: 1 } }])
  })
})
