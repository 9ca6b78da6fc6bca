import type { Principal } from '#shared/access/principal.ts'
import { SluiceError, toSluiceError } from '#shared/platform/errors.ts'
import { derivedId, newId } from '#shared/platform/ids.ts'
import { parse } from '#shared/platform/parse.ts'
import { publishMessageSchema } from '#shared/protocol/envelope.ts'
import type { Message } from './message.ts'
import { type PublishMessageDependencies, type PublishOptions, toEnvelope } from './publish-message.ts'

/** What became of one message of a batch. */
export type BatchOutcome = { result: 'accepted'; messageId: string } | { result: 'refused'; error: SluiceError }

/** Time for the checks of a batch against the schema of its topic, in milliseconds: an answer is due after 29 seconds. */
const CHECKS_MS = 10_000

type Prepared = { message: Message } | { error: SluiceError }

/**
 * Publishes messages on a topic, each by itself: one that is refused says nothing about the others.
 *
 * @param entries - bodies of `POST /v1/topics/{topic}/messages`, not parsed yet
 * @param options - with a key, each message that has no id gets one from the key and its place
 * @returns what became of each, in their order
 */
export async function publishBatch(
  { bus, topicSchemas, clock }: PublishMessageDependencies,
  principal: Principal,
  topic: string,
  entries: readonly unknown[],
  { idempotencyKey }: PublishOptions = {},
): Promise<BatchOutcome[]> {
  const { tenant, subject } = principal
  const check = await topicSchemas.find(tenant, topic)
  const deadline = clock.now() + CHECKS_MS
  const makeId = (index: number) =>
    idempotencyKey === undefined ? newId() : derivedId('message', tenant, subject, topic, idempotencyKey, String(index))

  function prepare(entry: unknown, index: number): Prepared {
    try {
      const message = parse(publishMessageSchema, entry, 'message')
      if (clock.now() > deadline) throw new SluiceError('timeout', 'checking the messages takes too long: send fewer at once')
      check?.(message.data)
      return {
        message: { tenant, envelope: toEnvelope(principal, { ...message, id: message.id ?? makeId(index) }, clock, { topic }) },
      }
    } catch (error) {
      return { error: toSluiceError(error) }
    }
  }

  const prepared = entries.map(prepare)
  const published = await bus.publishAll(prepared.flatMap((each) => ('message' in each ? [each.message] : [])))
  const inOrder = published.values()
  return prepared.map((each) => {
    if ('error' in each) return { result: 'refused', error: each.error }
    const outcome = inOrder.next().value
    if (outcome?.result === 'accepted') return { result: 'accepted', messageId: each.message.envelope.id }
    return { result: 'refused', error: toSluiceError(outcome?.error) }
  })
}
