import { EventBridgeClient, PutEventsCommand, type PutEventsCommandInput } from '@aws-sdk/client-eventbridge'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expect, it, vi } from 'vitest'
import { eventBridgeLifecycleBus } from '#shared/events/event-bridge-lifecycle-bus.ts'
import { aFact } from '../../helpers/facts.ts'

/** A bus; `accepts` says by the call's number and the fact's id what becomes of an entry. */
function aBus(accepts: (call: number, id: string) => boolean) {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const client = new EventBridgeClient({ region: 'us-east-1' })
  const calls: string[][] = []
  mockClient(client)
    .on(PutEventsCommand)
    .callsFake(({ Entries = [] }: PutEventsCommandInput) => {
      const ids = Entries.map(({ Detail = '' }) => JSON.parse(Detail).id as string)
      calls.push(ids)
      return { Entries: ids.map((id) => (accepts(calls.length, id) ? { EventId: id } : { ErrorCode: 'ThrottlingException' })) }
    })
  return { bus: eventBridgeLifecycleBus(client, 'sluice-test'), calls }
}

const facts = (count: number) => Array.from({ length: count }, (_, index) => aFact({ id: `f-${index}` }))

describe('eventBridgeLifecycleBus', () => {
  it('puts the fact with its tenant, its type as the detail type', async () => {
    const client = new EventBridgeClient({ region: 'us-east-1' })
    const service = mockClient(client)
      .on(PutEventsCommand)
      .resolves({ Entries: [{ EventId: 'event-1' }] })
    const fact = aFact()

    expect(await eventBridgeLifecycleBus(client, 'sluice-test').publish([fact])).toEqual([])

    expect(service.commandCalls(PutEventsCommand).map(({ args }) => args[0].input.Entries)).toEqual([
      [
        {
          EventBusName: 'sluice-test',
          Source: 'sluice.events',
          DetailType: 'execution.started',
          Time: new Date('2026-11-21T09:30:00.000Z'),
          Detail: JSON.stringify({ tenant: 'acme', ...fact.event }),
        },
      ],
    ])
  })

  it('puts ten a call, and makes no call for nothing', async () => {
    const { bus, calls } = aBus(() => true)

    await bus.publish(facts(23))
    await bus.publish([])

    expect(calls.map((ids) => ids.length)).toEqual([10, 10, 3])
  })

  it('puts again what was refused, and that alone', async () => {
    const { bus, calls } = aBus((call, id) => call > 1 || id !== 'f-2')

    expect(await bus.publish(facts(4))).toEqual([])

    expect(calls).toEqual([['f-0', 'f-1', 'f-2', 'f-3'], ['f-2']])
  })

  it('says what is refused again and again, and why', async () => {
    const { bus, calls } = aBus((_call, id) => id !== 'f-1')
    const [, refused] = facts(2)

    expect(await bus.publish(facts(2))).toEqual([{ fact: refused, reason: expect.stringContaining('ThrottlingException') }])
    expect(calls).toEqual([['f-0', 'f-1'], ['f-1'], ['f-1'], ['f-1']])
  })

  it('refuses all of a call without an answer', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const client = new EventBridgeClient({ region: 'us-east-1' })
    mockClient(client)
      .on(PutEventsCommand)
      .rejects(Object.assign(new Error('slow'), { name: 'TimeoutError' }))

    const refused = await eventBridgeLifecycleBus(client, 'sluice-test').publish(facts(3))

    expect(refused.map(({ reason }) => reason)).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('not available')))
  })
})
