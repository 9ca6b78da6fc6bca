import { describe, expect, it } from 'vitest'
import type { ExecutionEvent, StreamEventBody } from '#shared/protocol/stream-event.ts'
import { type Step, withEvent } from '../../../web/console/steps.ts'

const event = (sequence: number, body: StreamEventBody): ExecutionEvent => ({
  ...body,
  executionId: 'e-1',
  agentId: 'researcher',
  attempt: 1,
  sequence,
  time: '2026-11-21T09:30:00.000Z',
})

const call = (sequence: number, callId: string): ExecutionEvent =>
  event(sequence, { type: 'tool_call', data: { callId, toolName: 'weather', arguments: { city: 'Oslo' } } })

const result = (sequence: number, callId: string, isError?: boolean): ExecutionEvent =>
  event(sequence, {
    type: 'tool_result',
    data: { callId, toolName: 'weather', result: '4 degrees', ...(isError && { isError }) },
  })

const stepsOf = (...events: ExecutionEvent[]): readonly Step[] => events.reduce<readonly Step[]>(withEvent, [])

describe('withEvent', () => {
  it('puts a result to its call, whatever the order of the results', () => {
    const steps = stepsOf(call(1, 'a'), call(2, 'b'), result(3, 'b', true), result(4, 'a'))

    expect(steps).toMatchObject([
      { callId: 'a', result: { isError: false, value: '4 degrees' } },
      { callId: 'b', result: { isError: true } },
    ])
  })

  it('says a call once that is told again when it was decided', () => {
    const approval = { approvalId: 'p-1', expiresAt: '2026-11-21T10:30:00.000Z' }
    const asked = event(1, { type: 'tool_call', data: { callId: 'a', toolName: 'refund', arguments: {}, approval } })

    expect(stepsOf(asked, call(4, 'a'))).toMatchObject([{ sequence: 4, callId: 'a' }])
    expect(stepsOf(asked)).toMatchObject([{ approval }])
  })

  it('takes back what a new attempt does not go on from, and results that came later', () => {
    const retrying = event(5, {
      type: 'retrying',
      data: { code: 'provider_error', detail: 'the provider answered 500', attempt: 2, resumeFrom: 2, delayMs: 0 },
    })

    const steps = stepsOf(call(1, 'a'), call(2, 'b'), result(3, 'a'), call(4, 'c'), retrying)

    expect(steps.map((step) => step.kind === 'tool' && [step.callId, step.result])).toEqual([
      ['a', undefined],
      ['b', undefined],
    ])
  })

  it('notes what has a status, and leaves thoughts to the thoughts', () => {
    const thought = event(1, { type: 'thinking', data: { text: 'Hm.' } })
    const warning = event(2, { type: 'thinking', data: { text: 'the penalty was left out', status: 'warning' } })
    const progress = event(3, { type: 'thinking', data: { text: 'step 2 of 4', status: 'plan', progress: 50 } })

    expect(stepsOf(thought, warning, progress)).toEqual([
      { kind: 'note', sequence: 2, status: 'warning', text: 'the penalty was left out' },
      { kind: 'note', sequence: 3, status: 'plan', text: 'step 2 of 4', progress: 50 },
    ])
  })
})
