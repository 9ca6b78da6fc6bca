import { expect, it } from 'vitest'
import { deadLetteredEvent } from '#shared/events/dead-lettered-event.ts'
import { lifecycleEventSchemaOf } from '#shared/protocol/lifecycle-event-data.ts'

const letter = {
  tenant: 'acme',
  time: '2026-11-21T09:30:00.000Z',
  messageId: 'm/1',
  topic: 'questions',
  queue: 'sluice-prod-ingress-dlq',
  error: { code: 'validation_error', detail: 'x'.repeat(5_000) },
} as const

it('a dead letter is a fact of the catalogue, the same every time, and another one in another queue', () => {
  const event = deadLetteredEvent(letter)

  expect(lifecycleEventSchemaOf('message.dead_lettered').parse(event)).toEqual(event)
  expect(event).toMatchObject({ source: '/messages/m%2F1', data: { topic: 'questions', error: { code: 'validation_error' } } })
  expect(event.data).not.toHaveProperty('tenant')
  expect(deadLetteredEvent(letter).id).toBe(event.id)
  expect(deadLetteredEvent({ ...letter, queue: 'sluice-prod-work-dlq' }).id).not.toBe(event.id)
})
