import { EventBridgeClient, PutEventsCommand, type PutEventsCommandInput } from '@aws-sdk/client-eventbridge'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it } from 'vitest'
import { eventBridgeMessageBus } from '#shared/messaging/event-bridge-message-bus.ts'
import type { Message } from '#shared/messaging/message.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'

const messageOf = (data: string, id = 'm-1'): Message => ({
  tenant: 'acme',
  envelope: {
    specversion: '1.0',
    id,
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
  it('puts one event with tenant, envelope and who asked first', async () => {
    const { service, bus } = setup()
    service.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [{ EventId: 'event-1' }] })

    await bus.publish({ ...messageOf('Why?'), rootSource: '/principals/ada' })

    expect(service.commandCalls(PutEventsCommand).map(({ args }) => args[0].input)).toEqual([
      {
        Entries: [
          {
            EventBusName: 'sluice-test',
            Source: 'sluice.messages',
            DetailType: 'question',
            Detail: JSON.stringify({ ...messageOf('Why?'), rootSource: '/principals/ada' }),
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

describe('eventBridgeMessageBus, many messages', () => {
  const many = (count: number, data = 'x') => Array.from({ length: count }, (_, index) => messageOf(data, `m-${index}`))
  const idsOf = ({ Entries = [] }: PutEventsCommandInput) =>
    Entries.map(({ Detail = '' }): string => JSON.parse(Detail).envelope.id)

  /** A bus whose answer to each entry follows from the message's id and how often it was put. */
  function scripted(codeOf: (id: string, time: number) => string | undefined) {
    const { service, bus } = setup()
    const put = new Map<string, number>()
    const calls: string[][] = []
    service.on(PutEventsCommand).callsFake((input: PutEventsCommandInput) => {
      calls.push(idsOf(input))
      const Entries = idsOf(input).map((id) => {
        const time = (put.get(id) ?? 0) + 1
        put.set(id, time)
        const ErrorCode = codeOf(id, time)
        return ErrorCode === undefined ? { EventId: id } : { ErrorCode }
      })
      return { Entries, FailedEntryCount: Entries.filter((entry) => 'ErrorCode' in entry).length }
    })
    return { bus, put, calls }
  }

  it('puts ten in a call', async () => {
    const { bus, calls } = scripted(() => undefined)

    expect(await bus.publishAll(many(25))).toEqual(Array.from({ length: 25 }, () => ({ result: 'accepted' })))

    expect(calls.map((call) => call.length)).toEqual([10, 10, 5])
    expect(calls.flat()).toEqual(many(25).map(({ envelope }) => envelope.id))
  })

  it('puts no more than a megabyte in a call', async () => {
    const { bus, calls } = scripted(() => undefined)

    await bus.publishAll(many(7, 'x'.repeat(190_000)))

    expect(calls.map((call) => call.length)).toEqual([5, 2])
  })

  it('puts again what was refused for a passing reason, and nothing else', async () => {
    const { bus, put, calls } = scripted((id, time) => {
      if (id === 'm-1' && time < 3) return 'ThrottlingException'
      return id === 'm-2' ? 'NotAuthorizedForSource' : undefined
    })

    expect(await bus.publishAll(many(4))).toMatchObject([
      { result: 'accepted' },
      { result: 'accepted' },
      { result: 'refused', error: { code: 'internal' } },
      { result: 'accepted' },
    ])
    expect(calls).toEqual([['m-0', 'm-1', 'm-2', 'm-3'], ['m-1'], ['m-1']])
    expect(put.get('m-0')).toBe(1)
  })

  it('gives up after three repetitions', async () => {
    const { bus, put } = scripted((id) => (id === 'm-0' ? 'InternalFailure' : undefined))

    expect(await bus.publishAll(many(2))).toMatchObject([
      { result: 'refused', error: { code: 'unavailable', retryable: true } },
      { result: 'accepted' },
    ])
    expect(put.get('m-0')).toBe(4)
  })

  it('tells the messages of a call that failed from those of a call that did not', async () => {
    const { service, bus } = setup()
    service
      .on(PutEventsCommand)
      .resolvesOnce({ Entries: Array.from({ length: 10 }, () => ({ EventId: 'e' })) })
      .rejects(named('ThrottlingException', 400))

    const results = await bus.publishAll(many(12))

    expect(results.map(({ result }) => result)).toEqual([...Array.from({ length: 10 }, () => 'accepted'), 'refused', 'refused'])
    expect(results.at(-1)).toMatchObject({ error: { code: 'unavailable' } })
  })

  it('refuses by itself the one that is too large', async () => {
    const { bus, calls } = scripted(() => undefined)
    const [first, last] = [messageOf('x', 'm-0'), messageOf('x', 'm-2')]

    expect(await bus.publishAll([first, messageOf('x'.repeat(MAX_MESSAGE_BYTES), 'm-1'), last])).toMatchObject([
      { result: 'accepted' },
      { result: 'refused', error: { code: 'payload_too_large' } },
      { result: 'accepted' },
    ])
    expect(calls).toEqual([['m-0', 'm-2']])
  })

  it('calls nobody for nothing', async () => {
    const { bus, calls } = scripted(() => undefined)

    expect(await bus.publishAll([])).toEqual([])
    expect(calls).toEqual([])
  })
})
