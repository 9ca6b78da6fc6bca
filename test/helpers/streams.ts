import { type Clock, systemClock } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { ExecutionEvent, StreamEvent, TopicEvent } from '#shared/protocol/stream-event.ts'
import { callbackBudget } from '#shared/streams/callback-budget.ts'
import type { ChannelRef } from '#shared/streams/channel-ref.ts'
import { memoryCallbackBudgetStore } from '#shared/streams/memory-callback-budget-store.ts'
import { memoryConnectionTaskQueue } from '#shared/streams/memory-connection-task-queue.ts'
import type { Subscription } from '#shared/streams/subscription-store.ts'

export const aChannel = (overrides: Partial<ChannelRef> = {}): ChannelRef => ({
  tenant: 'acme',
  channel: `execution:${newId()}`,
  ...overrides,
})

/** What a sender has beside its stores and its poster. */
export const senderTools = (clock: Clock = systemClock) => ({
  callbackBudget: callbackBudget(memoryCallbackBudgetStore(), clock),
  connectionTasks: memoryConnectionTaskQueue(),
})

/** An end that no test lives to see. */
export const FAR_AWAY = Date.parse('2100-01-01T00:00:00Z')

export const aSubscription = (overrides: Partial<Subscription> = {}): Subscription => ({
  connectionId: newId(),
  subscriptionId: newId(),
  until: FAR_AWAY,
  ...overrides,
})

export function aChunk(sequence: number, text = `t${sequence} `): ExecutionEvent {
  return { ...position(sequence), type: 'content_chunk', data: { text } }
}

export function aCompletion(sequence: number, sha256 = '0'.repeat(64)): ExecutionEvent {
  return { ...position(sequence), type: 'completed', data: { stopReason: 'end', events: sequence + 1, sha256 } }
}

export function anEnvelope(overrides: Partial<Envelope> = {}): Envelope {
  return {
    specversion: '1.0',
    id: newId(),
    type: 'question',
    source: 'test',
    time: '2026-11-21T09:30:00.000Z',
    topic: 'questions',
    data: { content: 'What is a sluice?' },
    ...overrides,
  }
}

export const aMessage = (sequence: number, overrides: Partial<Envelope> = {}): TopicEvent => ({
  type: 'message',
  sequence,
  time: '2026-11-21T09:30:00.000Z',
  data: anEnvelope({ id: `m${sequence}`, ...overrides }),
})

export const sequences = (events: StreamEvent[]): number[] => events.map((event) => event.sequence)

const position = (sequence: number) => ({
  executionId: 'execution-1',
  agentId: 'assistant',
  attempt: 1,
  sequence,
  time: '2026-11-21T09:30:00.000Z',
})
