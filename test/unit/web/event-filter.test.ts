import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FactEvent, LifecycleEventType } from '../../../web/client/index.ts'
import { EVENT_KINDS, formatFilter, isShown, parseFilter } from '../../../web/console/event-filter.ts'
import { aFact } from '../../helpers/facts.ts'

const told = (type: LifecycleEventType, agentId?: string): FactEvent => {
  const { event } = aFact({ type, data: agentId === undefined ? {} : { agentId } })
  return { type: 'lifecycle', sequence: 1, time: event.time, data: event }
}

describe('parseFilter', () => {
  it('reads what formatFilter wrote', () => {
    const filters = fc.record(
      { kind: fc.constantFrom(...EVENT_KINDS), agentId: fc.string({ minLength: 1 }) },
      { requiredKeys: [], noNullPrototype: true },
    )
    fc.assert(
      fc.property(filters, (filter) => {
        expect(parseFilter(formatFilter(filter))).toEqual(filter)
      }),
    )
  })

  it.each(['', 'type=', 'type=nothing.', 'agent=', 'color=red'])('takes %j for no filter', (query) => {
    expect(parseFilter(query)).toEqual({})
  })
})

describe('isShown', () => {
  it.each([
    [{}, true],
    [{ kind: 'execution.' }, true],
    [{ kind: 'agent.' }, false],
    [{ agentId: 'assistant' }, true],
    [{ agentId: 'reviewer' }, false],
    [{ kind: 'execution.', agentId: 'assistant' }, true],
    [{ kind: 'message.', agentId: 'assistant' }, false],
  ] as const)('an execution of the assistant with %j: %j', (filter, expected) => {
    expect(isShown(told('execution.failed', 'assistant'), filter)).toBe(expected)
  })

  it('hides what has no agent when one is asked for', () => {
    expect(isShown(told('connection.opened'), { agentId: 'assistant' })).toBe(false)
  })
})
