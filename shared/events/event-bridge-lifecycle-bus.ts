import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import { putEntries } from '#shared/messaging/event-bridge-entries.ts'
import { EVENT_SOURCE } from '#shared/platform/names.ts'
import type { Fact } from './fact.ts'
import type { LifecycleBus } from './lifecycle-bus.ts'

/** Puts facts on an EventBridge bus: `source` is {@link EVENT_SOURCE}, `detail-type` the type, `detail` the event with its tenant. */
export function eventBridgeLifecycleBus(client: EventBridgeClient, busName: string): LifecycleBus {
  const toEntry = ({ tenant, event }: Fact): PutEventsRequestEntry => ({
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: event.type,
    Time: new Date(event.time),
    Detail: JSON.stringify({ tenant, ...event }),
  })

  return {
    async publish(facts) {
      const errors = await putEntries(client, facts.map(toEntry))
      return facts.flatMap((fact, index) => {
        const error = errors[index]
        return error === undefined ? [] : [{ fact, reason: error instanceof Error ? error.message : String(error) }]
      })
    },
  }
}
