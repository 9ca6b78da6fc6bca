import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LIFECYCLE_EVENT_TYPES, type LifecycleEvent } from '#shared/protocol/lifecycle-event.ts'
import type { FactEvent } from '../../../web/client/index.ts'
import { viewOf } from '../../../web/console/fact-view.ts'
import { aFact } from '../../helpers/facts.ts'

const told = (overrides: Partial<LifecycleEvent>): FactEvent => {
  const { event } = aFact(overrides)
  return { type: 'lifecycle', sequence: 1, time: event.time, data: event }
}

describe('viewOf', () => {
  it('says what failed, where and why', () => {
    const error = { code: 'provider_error', detail: 'the provider answered 500' }
    const data = { agentId: 'assistant', executionId: 'e-1', messageId: 'm-1', topic: 'questions', attempt: 3, error }

    expect(viewOf(told({ type: 'execution.failed', data }))).toEqual({
      agentId: 'assistant',
      hasPage: true,
      subjects: [
        { name: 'execution', value: 'e-1' },
        { name: 'message', value: 'm-1' },
        { name: 'topic', value: 'questions' },
      ],
      error,
      isBad: true,
    })
  })

  it('knows that a deleted agent has no page', () => {
    expect(viewOf(told({ type: 'agent.deleted', data: { agentId: 'assistant' } })).hasPage).toBe(false)
  })

  it('names who is behind a connection', () => {
    const data = { connectionId: 'c-1', subject: 'ada', protocol: 'sluice.v1' }

    expect(viewOf(told({ type: 'connection.opened', data }))).toEqual({
      hasPage: true,
      subjects: [
        { name: 'subject', value: 'ada' },
        { name: 'connection', value: 'c-1' },
      ],
      isBad: false,
    })
  })

  it('marks failures and nothing else', () => {
    const bad = LIFECYCLE_EVENT_TYPES.filter((type) => viewOf(told({ type, data: {} })).isBad)

    expect(bad).toEqual([
      'agent.failed',
      'agent.health_check_failed',
      'message.failed',
      'message.dead_lettered',
      'message.expired',
      'execution.failed',
      'execution.timed_out',
      'execution.expired',
    ])
  })

  it('takes whatever stands in the data', () => {
    const data = fc.dictionary(fc.constantFrom('executionId', 'topic', 'error', 'subject'), fc.anything())
    fc.assert(
      fc.property(data, (fields) => {
        for (const { value } of viewOf(told({ data: fields })).subjects) expect(typeof value).toBe('string')
      }),
    )
  })
})
