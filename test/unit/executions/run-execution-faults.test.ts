import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { forEveryCrash } from '../../helpers/crashes.ts'
import { longLife } from '../../helpers/long-life.ts'

describe('an execution with everything on its way', () => {
  // Time runs as fast as everybody waits for it.
  beforeEach(() => void vi.useFakeTimers().setTimerTickMode('nextTimerAsync'))
  afterEach(() => void vi.useRealTimers())

  it('ends well', async () => {
    const { live, expectGoodEnd, codes } = await longLife()

    await live({})

    // One more attempt for each failure, none for the hand-over.
    expect(await expectGoodEnd()).toMatchObject({ attempt: 3 })
    expect(codes()).toContain('execution_handed_over')
  })

  it('ends well, in one whole stream, wherever its worker is killed', async () => {
    const crashes = await forEveryCrash(async (crasher) => {
      const { live, recover, expectGoodEnd, ...ports } = await longLife()
      const faults = {
        executions: crasher.steps(ports.executions, ['acquire', 'renew', 'saveCheckpoint', 'handOver', 'retryLater', 'end']),
        log: crasher.steps(ports.log, ['append', 'read', 'lastSequence']),
        admission: crasher.steps(ports.admission, ['takeSlot', 'park', 'admitWaiting', 'releaseSlot']),
        workQueue: crasher.steps(ports.workQueue, ['send']),
      }

      await crasher.run(() => live(faults))
      await recover()

      await expectGoodEnd()
    })

    expect(crashes).toBeGreaterThan(30)
  }, 60_000)

  it.each(['acquire', 'renew', 'saveCheckpoint', 'handOver', 'retryLater', 'end'] as const)(
    'ends well when the answer to its first %s is lost',
    async (method) => {
      const { live, recover, expectGoodEnd, executions } = await longLife()
      let lost = 0
      const call = executions[method] as (...parameters: unknown[]) => Promise<unknown>
      const losing = (async (...parameters: unknown[]) => {
        const answer = await call(...parameters)
        if (lost++ === 0) throw new SluiceError('unavailable', 'the answer was lost')
        return answer
      }) as ExecutionStore[typeof method]

      await live({ executions: { ...executions, [method]: losing } }).catch(() => undefined)
      await recover()

      expect(lost).toBeGreaterThan(0)
      const ended = await expectGoodEnd()
      // Only the lease of a worker that never heard of it is lost with its attempt.
      expect(ended.attempt).toBe(method === 'acquire' ? 4 : 3)
    },
  )
})
