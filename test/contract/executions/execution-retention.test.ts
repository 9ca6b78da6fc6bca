import { describe, expect, it } from 'vitest'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { newId } from '#shared/platform/ids.ts'
import { type AdmissionWorld, admissionWorlds } from '../../helpers/admission-worlds.ts'
import { aGate, aLease, anEnding, anExecution } from '../../helpers/executions.ts'

const DAY_MS = 86_400_000
const RETENTION_DAYS = 30

type Scene = { world: AdmissionWorld; record: ExecutionRecord }

/** Every way in which an execution ends. */
const ENDINGS: [string, (scene: Scene) => Promise<unknown>][] = [
  [
    'its writer',
    async ({ world: { executions }, record }) => {
      await executions.acquire(record, aLease('a', Date.now()))
      return executions.end(record, 1, anEnding())
    },
  ],
  ['somebody else, before it began', ({ world, record }) => world.executions.endQueued(record, anEnding({ status: 'expired' }))],
  [
    'somebody else, in the mailbox',
    async ({ world, record }) => {
      await world.putGate(record, aGate({ active: ['another', 'one more'] }))
      await world.admission.park(record, { onlyIfFull: true })
      const parked = await world.executions.get(record)
      if (parked?.place === undefined) throw new Error('it does not wait')
      return world.executions.endQueued(parked, anEnding({ status: 'cancelled' }))
    },
  ],
]

describe.each(admissionWorlds())('retention of executions on %s', (_name, open) => {
  async function scene() {
    const clock = { skippedMs: 0, now: () => Date.now() + clock.skippedMs }
    const [world, agentId] = [open(clock), `agent-${newId()}`]
    const record = anExecution({ agentId, createdAt: new Date().toISOString() })
    await world.executions.create(record, Date.now())
    const listed = async () => {
      const { executions } = await world.executions.list({ tenant: 'acme', of: { agentId } }, { limit: 10 })
      return executions.map(({ executionId }) => executionId)
    }
    return { world, record, clock, listed }
  }

  it.each(ENDINGS)('forgets what was ended by %s, in reads and in lists', async (_way, end) => {
    const { world, record, clock, listed } = await scene()
    expect(await end({ world, record })).toBe('ended')

    clock.skippedMs = (RETENTION_DAYS - 1) * DAY_MS
    expect(await world.executions.get(record)).toMatchObject({ executionId: record.executionId })
    expect(await listed()).toEqual([record.executionId])

    clock.skippedMs = (RETENTION_DAYS + 1) * DAY_MS
    expect(await world.executions.get(record)).toBeUndefined()
    expect(await world.executions.getMany('acme', [record.executionId])).toEqual([])
    expect(await listed()).toEqual([])
  })

  it('never forgets what has not ended', async () => {
    const { world, record, clock, listed } = await scene()

    clock.skippedMs = 10 * 365 * DAY_MS

    expect(await world.executions.get(record)).toEqual(record)
    expect(await listed()).toEqual([record.executionId])
  })

  it('makes an execution anew under an id that is over', async () => {
    const { world, record, clock } = await scene()
    await world.executions.endQueued(record, anEnding({ status: 'failed' }))
    const again = { ...record, requestHash: 'another' }
    expect(await world.executions.create(again, Date.now())).toMatchObject({ result: 'exists' })

    clock.skippedMs = (RETENTION_DAYS + 1) * DAY_MS

    expect(await world.executions.create(again, Date.now())).toEqual({ result: 'created' })
    expect(await world.executions.get(record)).toEqual(again)
  })
})
