import { createHash } from 'node:crypto'
import type { ExecutionEvent, StreamEventBody, TopicEvent } from '#shared/protocol/stream-event.ts'

const TIME = '2026-11-21T09:30:00.000Z'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const chunk = (text: string): StreamEventBody => ({ type: 'content_chunk', data: { text } })
export const started = (): StreamEventBody => ({ type: 'started', data: { provider: 'scripted', model: 'storyteller' } })
export const retrying = (resumeFrom: number, attempt = 2): StreamEventBody => ({
  type: 'retrying',
  data: { code: 'provider_error', detail: 'the provider answered 500', attempt, delayMs: 500, resumeFrom },
})
export const completed = (text: string, events: number): StreamEventBody => ({
  type: 'completed',
  data: { stopReason: 'stop', events, sha256: sha256(text) },
})

/** Gives bodies their places in one stream, from sequence `first`. */
export function executionEvents(bodies: readonly StreamEventBody[], executionId = 'e1', first = 0): ExecutionEvent[] {
  let attempt = 1
  return bodies.map((body, index) => {
    if (body.type === 'retrying') attempt = body.data.attempt
    return { ...body, executionId, agentId: 'assistant', attempt, sequence: first + index, time: TIME }
  })
}

/** A whole answer: started, a chunk for each text, completed with the right proof. */
export function answer(texts: readonly string[], executionId = 'e1'): ExecutionEvent[] {
  return executionEvents([started(), ...texts.map(chunk), completed(texts.join(''), texts.length + 2)], executionId)
}

export function topicEvent(sequence: number, data: TopicEvent['data']['data'], topic = 'news'): TopicEvent {
  const envelope = { specversion: '1.0', id: `m${sequence}`, type: 'message', source: 'test', time: TIME, topic, data } as const
  return { type: 'message', sequence, time: TIME, data: envelope }
}
