import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Delays, lose, reopen, resume } from '../../../../bench/streams/campaign/losses.ts'
import type { PageStream, View } from '../../../../bench/streams/campaign/user.ts'
import { chunk, executionEvents } from '../../../helpers/execution-events.ts'

const HOST = 'user.example'
const EXECUTION_ID = 'exec-1'
const SOCKET = { host: HOST }
const ANSWER = { host: HOST, executionId: EXECUTION_ID }

let delays: Delays

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  delays = { resumeMs: [], slowResumeMs: [], recoveryMs: [], silentRecoveryMs: [] }
})
afterEach(() => {
  vi.useRealTimers()
})

const viewOn = (transport: string): View => ({
  executionId: EXECUTION_ID,
  readings: [{ after: -1, stream: { stats: { transport } } as PageStream, events: [] }],
  transports: [transport],
  ended: false,
})

const pass = (ms: number): void => void vi.advanceTimersByTime(ms)

function next(view: View, { appendedAt = 0, slow = false } = {}): void {
  for (const event of executionEvents([chunk('more')], EXECUTION_ID, 7))
    resume(view, event, { slow, delays, appendedAt: () => appendedAt })
}

describe('a loss', () => {
  it('is over with the first event: from the open way, and from the loss', () => {
    const view = viewOn('socket')
    lose([view], SOCKET, 'cut')
    pass(500)
    reopen([view], SOCKET)
    pass(120)
    next(view)
    next(view)

    expect(delays).toEqual({ resumeMs: [120], slowResumeMs: [], recoveryMs: [620], silentRecoveryMs: [] })
  })

  it('resumes nothing where nothing was missed', () => {
    const view = viewOn('socket')
    lose([view], SOCKET, 'silent')
    reopen([view], SOCKET)
    pass(400)
    next(view, { appendedAt: 300 })

    expect(delays).toMatchObject({ resumeMs: [], silentRecoveryMs: [100] })
  })

  it('counts from the way that held', () => {
    const view = viewOn('socket')
    lose([view], SOCKET, 'cut')
    reopen([view], SOCKET)
    pass(300)
    lose([view], SOCKET, 'cut')
    pass(300)
    reopen([view], ANSWER)
    reopen([view], SOCKET)
    pass(50)
    next(view)

    expect(delays).toMatchObject({ resumeMs: [50], recoveryMs: [650] })
  })

  it('counts apart over a slow network', () => {
    const view = viewOn('sse')
    lose([view], ANSWER, 'cut')
    reopen([view], ANSWER)
    pass(2_000)
    next(view, { slow: true })

    expect(delays).toMatchObject({ resumeMs: [], slowResumeMs: [2_000] })
  })

  it('is none of a page that something else carries', () => {
    const views = [viewOn('sse'), viewOn('poll'), { ...viewOn('socket'), ended: true }]
    lose(views, SOCKET, 'cut')
    lose(views, { host: HOST, executionId: 'exec-2' }, 'cut')

    expect(views.map(({ loss }) => loss)).toEqual([undefined, undefined, undefined])
  })
})
