import { describe, expect, it } from 'vitest'
import { cancelChildren } from '#shared/executions/cancel-children.ts'
import { callKeyOf, childIdOf } from '#shared/executions/child-execution.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { aLease, anEnding, anExecution } from '../../helpers/executions.ts'
import { workerScene } from '../../helpers/worker.ts'

/** A checkpoint as patterns store it, with calls under way. */
const stateWith = (...callIds: string[]): string =>
  JSON.stringify({
    pattern: 'react',
    calls: callIds.length,
    state: {
      thread: { messages: [], steps: 1, open: callIds.map((callId) => ({ callId, vendorId: callId, toolName: 'expert' })) },
    },
  })

/** A parent that has ended, and the child that its first call has started; its second call asked nobody. */
async function family({ status = 'cancelled' as ExecutionRecord['status'], state = stateWith('call-1', 'call-2') } = {}) {
  const scene = await workerScene()
  const parent = anExecution({ status, checkpoint: { state, sequence: 3 } })
  const executionId = childIdOf(parent, callKeyOf(parent.executionId, 'call-1'))
  const child = await scene.submit({ executionId, parentId: parent.executionId })
  return { ...scene, parent, child }
}

describe('cancelChildren', () => {
  it.each(['cancelled', 'failed', 'timed_out', 'expired'] as const)(
    'ends what a parent that is %s had asked for',
    async (status) => {
      const { dependencies, parent, child, stored } = await family({ status })

      for (const _time of [1, 2]) await cancelChildren(dependencies, parent)

      expect(await stored(child)).toMatchObject({
        status: 'cancelled',
        error: { code: 'cancelled', detail: expect.stringContaining(`the execution "${parent.executionId}"`) },
      })
    },
  )

  it.each([
    ['a parent that has its answer', { status: 'completed' as const }],
    ['calls that are none of its own', { state: stateWith('call-2') }],
    ['the state of code', { state: '{"chapter":3}' }],
    ['no state', { state: 'null' }],
  ])('leaves them alone with %s', async (_, options) => {
    const { dependencies, parent, child, stored } = await family(options)

    await cancelChildren(dependencies, parent)

    expect(await stored(child)).toMatchObject({ status: 'queued' })
  })

  it('leaves alone a child that has ended', async () => {
    const { dependencies, executions, parent, child, stored, clock } = await family()
    await executions.acquire(child, aLease('worker', clock.now()))
    await executions.end(child, 1, anEnding())

    await cancelChildren(dependencies, parent)

    expect(await stored(child)).toMatchObject({ status: 'completed' })
  })

  it('comes again when the stores fail', async () => {
    const { dependencies, executions, parent } = await family()
    const get = async (): Promise<never> => {
      throw new SluiceError('unavailable', 'the tables are busy')
    }

    const cancelled = cancelChildren({ ...dependencies, executions: { ...executions, get } }, parent)

    await expect(cancelled).rejects.toMatchObject({ code: 'unavailable' })
  })
})
