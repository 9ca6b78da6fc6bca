import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it } from 'vitest'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import type { Message } from '#shared/messaging/message.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'

const messageOf = (data: string): Message => ({
  tenant: 'acme',
  envelope: {
    specversion: '1.0',
    id: 'm-1',
    type: 'question',
    source: '/principals/ada',
    time: '2026-11-21T09:30:00Z',
    topic: 'q',
    data,
  },
})

function setup() {
  const client = new EventBridgeClient({ region: 'us-east-1' })
  return { service: mockClient(client), bus: eventBridgeMessageBus(client, 'sluice-test') }
}

const named = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error(name), { name }, httpStatusCode === undefined ? {} : { $metadata: { httpStatusCode } })

describe('eventBridgeMessageBus', () => {
  it('puts one event with tenant and envelope', async () => {
    const { service, bus } = setup()
    service.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: 'event-1' }] })

    await bus.publish(messageOf('Why?'))

    expect(service.commandCalls(PutEventsCommand).map(({ args }) => args[0].input)).toEqual([
      {
        Entries: [
          {
            EventBusName: 'sluice-test',
            Source: 'sluice.messages',
            DetailType: 'question',
            Detail: JSON.stringify(messageOf('Why?')),
          },
        ],
      },
    ])
  })

  it('refuses what is too large, before it calls', async () => {
    const { service, bus } = setup()

    await expect(bus.publish(messageOf('é'.repeat(MAX_MESSAGE_BYTES / 2)))).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(service.calls()).toEqual([])
  })

  it.each([
    ['ThrottlingException', 'unavailable'],
    ['InternalFailure', 'unavailable'],
    ['NotAuthorizedForSource', 'internal'],
  ])('says %s of an entry as %s', async (ErrorCode, code) => {
    const { service, bus } = setup()
    service.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode, ErrorMessage: 'no' }] })

    await expect(bus.publish(messageOf('Why?'))).rejects.toMatchObject({ code })
  })

  it.each([[named('ThrottlingException', 400)], [named('InternalException', 500)], [named('TimeoutError')]])(
    'says %s as unavailable, with its cause',
    async (cause) => {
      const { service, bus } = setup()
      service.on(PutEventsCommand).rejects(cause)

      await expect(bus.publish(messageOf('Why?'))).rejects.toMatchObject({ code: 'unavailable', cause: { name: cause.name } })
    },
  )

  it('passes on what is our mistake', async () => {
    const { service, bus } = setup()
    service.on(PutEventsCommand).rejects(named('ResourceNotFoundException', 400))

    await expect(bus.publish(messageOf('Why?'))).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})
