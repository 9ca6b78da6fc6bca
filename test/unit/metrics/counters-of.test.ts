import { describe, expect, it } from 'vitest'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { addCounters, successRate } from '#shared/metrics/counters.ts'
import { countersOf, modelCountsOf, sourceCountOf } from '#shared/metrics/counters-of.ts'
import { anExecution } from '../../helpers/executions.ts'

const queued = anExecution()
const running: ExecutionRecord = {
  ...queued,
  status: 'running',
  attempt: 1,
  nextAttempt: 2,
  startedAt: '2026-11-21T09:30:00.200Z',
}
const completed: ExecutionRecord = {
  ...running,
  status: 'completed',
  endedAt: '2026-11-21T09:30:02.200Z',
  usage: { inputTokens: 12, outputTokens: 34 },
}
const change = (before: ExecutionRecord | undefined, after: ExecutionRecord) =>
  countersOf({ kind: 'execution', at: '2026-11-21T09:30:03.000Z', before, after })

describe('countersOf', () => {
  it('counts an execution from its acceptance to its end', () => {
    expect(change(undefined, queued)).toEqual({ queued: 1 })
    expect(change(queued, running)).toEqual({ started: 1, 'wait:0.25': 1, waitMs: 200 })
    expect(change(running, completed)).toEqual({
      completed: 1,
      'duration:2.5': 1,
      durationMs: 2_000,
      inputTokens: 12,
      outputTokens: 34,
    })
  })

  it.each<[string, ExecutionRecord, ExecutionRecord, object]>([
    ['a retry at once', running, { ...running, attempt: 2, nextAttempt: 3 }, { retries: 1 }],
    ['a retry that waits', running, { ...running, status: 'queued', nextAttempt: 2 }, { retries: 1 }],
    ['a start after a retry', { ...running, status: 'queued' }, { ...running, attempt: 2, nextAttempt: 3 }, {}],
    ['going on in another invocation', running, { ...running, status: 'queued', nextAttempt: 1 }, {}],
    ['a checkpoint', running, { ...running, checkpoint: { state: '{}', sequence: 4 } }, {}],
    ['a write behind the end', completed, { ...completed, postedThrough: 9 }, {}],
    [
      'a cancellation before the start',
      queued,
      { ...queued, status: 'cancelled', endedAt: '2026-11-21T09:31:00.000Z' },
      { cancelled: 1 },
    ],
    [
      'a failure, by its code',
      running,
      { ...running, status: 'failed', endedAt: running.startedAt, error: { code: 'provider_error', detail: 'down' } },
      { failed: 1, 'duration:0.25': 1, durationMs: 0, 'error:provider_error': 1 },
    ],
  ])('knows %s', (_what, before, after, expected) => {
    expect(change(before, after)).toEqual(expected)
  })

  it('counts what was done in one write at once', () => {
    expect(change(undefined, completed)).toMatchObject({ queued: 1, started: 1, completed: 1 })
  })
})

describe('modelCountsOf', () => {
  const usage = {
    inputTokens: 30,
    outputTokens: 5,
    costMicroUsd: 9,
    models: [
      { provider: 'openai', model: 'gpt-4o', calls: 2, inputTokens: 20, outputTokens: 4, cachedInputTokens: 8, costMicroUsd: 9 },
      { provider: 'ollama', model: 'llama2', calls: 1, inputTokens: 10, outputTokens: 1 },
    ],
  }
  const of = (before: ExecutionRecord | undefined, after: ExecutionRecord) =>
    modelCountsOf({ kind: 'execution', at: '2026-11-21T09:30:03.000Z', before, after })

  it('counts each model that was asked, when the execution ends', () => {
    expect(of(running, { ...completed, usage })).toEqual([
      {
        provider: 'openai',
        model: 'gpt-4o',
        counters: { executions: 1, calls: 2, inputTokens: 20, outputTokens: 4, cachedInputTokens: 8, costMicroUsd: 9 },
      },
      { provider: 'ollama', model: 'llama2', counters: { executions: 1, calls: 1, inputTokens: 10, outputTokens: 1 } },
    ])
  })

  it('counts nothing before the end, behind it, and where nobody says which models there were', () => {
    expect(of(queued, { ...running, usage })).toEqual([])
    expect(of({ ...completed, usage }, { ...completed, usage, postedThrough: 9 })).toEqual([])
    expect(of(running, completed)).toEqual([])
  })
})

describe('sourceCountOf', () => {
  const usage = { inputTokens: 30, outputTokens: 5, costMicroUsd: 9 }
  const of = (before: ExecutionRecord | undefined, after: ExecutionRecord) =>
    sourceCountOf({ kind: 'execution', at: '2026-11-21T09:30:03.000Z', before, after })

  it.each([
    ['who asked', { source: '/principals/ada' }, '/principals/ada'],
    ['who asked first', { source: '/agents/desk', rootSource: '/principals/ada' }, '/principals/ada'],
  ])('counts for %s, when the execution ends', (_, asked, source) => {
    expect(of(running, { ...completed, ...asked, usage })).toEqual({ source, counters: { executions: 1, ...usage } })
  })

  it('counts nothing before the end, behind it, and where nobody is known to have asked', () => {
    const asked = { source: '/principals/ada' }

    expect(of(queued, { ...running, ...asked, usage })).toBeUndefined()
    expect(of({ ...completed, ...asked }, { ...completed, ...asked, postedThrough: 9 })).toBeUndefined()
    expect(of(running, { ...completed, source: undefined })).toBeUndefined()
  })
})

describe('successRate', () => {
  it('leaves out what was cancelled, and is not known without an end', () => {
    const all = addCounters({ completed: 3 }, { failed: 1, timed_out: 1 }, { cancelled: 100, expired: 9 })

    expect(successRate(all)).toBe(0.6)
    expect(successRate({ cancelled: 1 })).toBeNull()
  })
})
