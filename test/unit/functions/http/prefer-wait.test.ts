import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryLimits } from '#shared/limits/memory-limits.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { MAX_WAIT_SECONDS, preferredWait, waitAsPreferred } from '../../../../functions/http/prefer-wait.ts'
import { anExecution } from '../../../helpers/executions.ts'

describe('preferredWait', () => {
  it.each([
    ['wait=10', 10],
    ['Wait = 10', 10],
    ['respond-async, wait=10', 10],
    ['respond-async;x=1, wait=10;y="a", return=minimal', 10],
    ['wait="10"', 10],
    ['wait=10, wait=20', 10],
    ['wait=0', 0],
    ['wait=600', MAX_WAIT_SECONDS],
  ])('%s is %i s', (header, seconds) => {
    expect(preferredWait(header)).toBe(seconds)
  })

  it.each([
    undefined,
    '',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait=1e3',
    'wait=soon',
    'wait=soon, wait=5',
    'waits=5',
    'x=wait=5',
  ])('%j is none', (header) => {
    expect(preferredWait(header)).toBeUndefined()
  })

  it('takes whatever a client sends', () => {
    const property = fc.property(fc.string(), (header) => {
      const seconds = preferredWait(header)
      return seconds === undefined || (seconds >= 0 && seconds <= MAX_WAIT_SECONDS)
    })

    fc.assert(property)
  })
})

describe('waitAsPreferred', () => {
  const ended = anExecution({ status: 'completed' })
  const principal = { tenant: 'acme', subject: 'ada' }
  const clock = { now: () => 1_000 }
  const dependencies = { executions: { get: async () => ended }, clock, rateLimiter: memoryLimits(clock).rateLimiter }
  const event = (prefer: string | undefined, timeEpoch = 1_000) => ({
    principal,
    event: { headers: { prefer }, requestContext: { timeEpoch } },
  })

  it('says that it waited, and how long it would have', async () => {
    expect(await waitAsPreferred(dependencies, event('wait=600'), anExecution())).toEqual({
      record: ended,
      honoured: true,
      headers: { 'preference-applied': 'wait=25' },
    })
  })

  it('does not wait unless it is asked to', async () => {
    const record = anExecution()

    expect(await waitAsPreferred(dependencies, event(undefined), record)).toEqual({ record, honoured: false, headers: {} })
  })

  it('takes a request every five seconds, and is over when none is left', async () => {
    const running = anExecution()
    const limits = memoryLimits(clock, memoryLog(), { requestsPerMinute: 2 })
    let waited = 0
    const pause = async (milliseconds: number) => {
      waited += milliseconds
    }

    const answer = await waitAsPreferred(
      { ...dependencies, executions: { get: async () => running }, ...limits },
      event('wait=25'),
      running,
      pause,
    )

    expect(answer).toMatchObject({ record: running, honoured: false })
    expect(waited).toBeGreaterThanOrEqual(15_000)
    expect(waited).toBeLessThan(17_000)
  })

  it('does not wait when the gateway is about to give up', async () => {
    const record = anExecution()

    expect(await waitAsPreferred(dependencies, event('wait=25', -26_500), record)).toMatchObject({ record, honoured: false })
  })
})
