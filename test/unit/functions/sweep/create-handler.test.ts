import type { Context, ScheduledEvent } from 'aws-lambda'
import { describe, expect, it, vi } from 'vitest'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { sealRecords } from '#shared/audit/seal-records.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { memoryConnectionTaskQueue } from '#shared/streams/memory-connection-task-queue.ts'
import { createHandler } from '../../../../functions/sweep/create-handler.ts'
import { ASSISTANT, admissionWorld } from '../../../helpers/admission.ts'
import { aRecord, stored } from '../../../helpers/audit.ts'
import { aFunctionAgent } from '../../../helpers/executions.ts'

async function sweepFunction() {
  const world = admissionWorld()
  await world.register({ maxConcurrency: 1 })
  const logger = memoryLog()
  const auditLog = memoryAuditLog()
  const connectionTasks = memoryConnectionTaskQueue()
  const declared = { tenant: ASSISTANT.tenant, agentIds: ['support'], deployment: 'build-2' }
  const dependencies = {
    ...world.dependencies,
    healthCheckMs: 300_000,
    logger,
    declared,
    auditExports: auditLog,
    connectionTasks,
  }
  const handler = createHandler(dependencies)
  const sweep = (remainingMs = 60_000) =>
    handler({} as ScheduledEvent, { getRemainingTimeInMillis: () => remainingMs } as Context)
  return { world, dependencies, logger, auditLog, connectionTasks, sweep }
}

describe('the function "sweep"', () => {
  it('goes on with executions and agents that are due, and tells how many it were', async () => {
    const { world, sweep, logger } = await sweepFunction()
    const lost = await world.aNew()
    world.later(2)

    expect(await sweep()).toEqual({ executions: 1, agents: 1 })

    expect(world.sent()).toEqual([lost.executionId])
    expect(world.workQueue.probes).toMatchObject([ASSISTANT])
    expect(logger.lines).toEqual([{ level: 'warn', code: 'sweep_done', fields: { executions: 1, agents: 1 } }])
  })

  it('gives the slot of a worker that stopped right after its end to the next', async () => {
    const { world, sweep } = await sweepFunction()
    const running = await world.begin(await world.admitted())
    const waiting = await world.admitted()
    await world.executions.end(running, 1, { status: 'completed', endedAt: '', events: [] })
    world.later(60_001)

    await sweep()

    expect(world.sent().at(-1)).toBe(waiting.executionId)
    expect((await world.gate()).active).toEqual([waiting.executionId])
  })

  it('has agents in code registered as they are deployed', async () => {
    const { world, dependencies, sweep } = await sweepFunction()
    const { tenant } = ASSISTANT
    await sweep()
    expect(world.workQueue.registrations).toEqual([{ tenant, agentId: 'support', register: true }])

    await dependencies.agents.create(tenant, aFunctionAgent({ agentId: 'support', deployment: 'build-2' }))
    await sweep()

    expect(world.workQueue.registrations).toHaveLength(1)
  })

  it('has ended days of the audit log exported, once', async () => {
    const { world, sweep, auditLog, connectionTasks } = await sweepFunction()
    const { clock } = world.dependencies
    const day = new Date(clock.now() - 86_400_000).toISOString().slice(0, 10)
    await sealRecords({ seals: auditLog, clock }, { tenant: 'acme', day }, [stored(aRecord({ time: `${day}T12:00:00.000Z` }))])

    await sweep()
    await sweep()

    expect(connectionTasks.sent.map(({ task }) => task)).toEqual([
      { task: 'export_audit', tenant: 'acme', exportId: expect.any(String), from: day, to: day },
    ])
  })

  it('says nothing when it had nothing to repair', async () => {
    const { sweep, logger } = await sweepFunction()

    expect(await sweep()).toMatchObject({ executions: 0 })
    expect(logger.lines).toEqual([])
  })

  it('sees to the agents though it fails with the executions, and the other way round', async () => {
    const { world, dependencies, sweep } = await sweepFunction()
    await world.aNew()
    world.later(2)
    const { listDue } = dependencies.executions
    dependencies.executions.listDue = () => Promise.reject(new Error('no executions today'))
    await expect(sweep()).rejects.toThrow('no executions today')
    expect(world.workQueue.probes).toHaveLength(1)

    dependencies.executions.listDue = listDue
    dependencies.agents.listDue = () => Promise.reject(new Error('no agents today'))
    await expect(sweep()).rejects.toThrow('no agents today')
    expect(world.sent()).toHaveLength(1)
  })

  it('stops before its own end, and leaves the rest to the next one', async () => {
    const { world, dependencies, sweep } = await sweepFunction()
    for (let count = 0; count < 250; count++) await world.aNew()
    world.later(2)
    const { listDue } = dependencies.executions
    const end = new AbortController()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(end.signal)
    dependencies.executions.listDue = (now, limit) => {
      end.abort()
      return listDue(now, limit)
    }

    expect(await sweep(5_010)).toMatchObject({ executions: 100 })
    expect(timeout).toHaveBeenCalledWith(10)
  })
})
