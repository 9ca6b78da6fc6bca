import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge'
import pLimit from 'p-limit'
import { sleep } from '#shared/platform/clock.ts'
import { EVENT_SOURCE } from '#shared/platform/names.ts'
import type { Fact } from './fact.ts'
import type { LifecycleBus, RefusedFact } from './lifecycle-bus.ts'

/** Most entries of one call (EventBridge quota). A fact is a few kilobytes at the most, so ten are far below the limit of 256 KB. */
const ENTRIES_PER_CALL = 10
const CALLS_AT_ONCE = 5
/** Calls for the same facts, each for those that the one before left over. */
const MAX_TRIES = 4
/** Longest pause before the second try, in milliseconds; doubles with every further one. */
const FIRST_PAUSE_MS = 100

/** Puts facts on an EventBridge bus: `source` is {@link EVENT_SOURCE}, `detail-type` the type, `detail` the event with its tenant. */
export function eventBridgeLifecycleBus(client: EventBridgeClient, busName: string): LifecycleBus {
  const limit = pLimit(CALLS_AT_ONCE)

  const toEntry = ({ tenant, event }: Fact): PutEventsRequestEntry => ({
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: event.type,
    Time: new Date(event.time),
    Detail: JSON.stringify({ tenant, ...event }),
  })

  async function put(facts: readonly Fact[]): Promise<RefusedFact[]> {
    try {
      const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: facts.map(toEntry) }))
      // PutEvents answers 200 for refused entries too; an entry without an id was refused.
      return facts.flatMap((fact, index) => {
        const result = Entries[index]
        return result?.EventId ? [] : [{ fact, reason: result?.ErrorCode ?? 'no answer' }]
      })
    } catch (error) {
      return facts.map((fact) => ({ fact, reason: error instanceof Error ? error.name : String(error) }))
    }
  }

  /** Only what was refused is put again: what was accepted would be there twice. */
  async function putPatiently(facts: readonly Fact[]): Promise<RefusedFact[]> {
    let refused = await put(facts)
    for (let tries = 1; refused.length > 0 && tries < MAX_TRIES; tries++) {
      await sleep(Math.random() * FIRST_PAUSE_MS * 2 ** (tries - 1))
      refused = await put(refused.map(({ fact }) => fact))
    }
    return refused
  }

  return {
    async publish(facts) {
      const calls = Array.from({ length: Math.ceil(facts.length / ENTRIES_PER_CALL) }, (_, index) =>
        facts.slice(index * ENTRIES_PER_CALL, (index + 1) * ENTRIES_PER_CALL),
      )
      return (await Promise.all(calls.map((call) => limit(putPatiently, call)))).flat()
    },
  }
}
