import type * as z from 'zod'
import { MESSAGE_ID_ATTRIBUTE, MESSAGE_SOURCE, TENANT_ATTRIBUTE, TOPIC_ATTRIBUTE } from '#shared/platform/names.ts'
import { type DeadLetter, GAVE_UP } from '#shared/protocol/dead-letter.ts'
import { agentIdSchema, executionIdSchema, messageIdSchema, tenantSchema, topicSchema } from '#shared/protocol/identifiers.ts'
import type { StoredLetter } from './dead-letters.ts'

/** A dead letter and whose it is. */
export type OwnedLetter = { tenant: string; deadLetter: DeadLetter }

const GAVE_UP_DETAIL = 'it was delivered several times in vain; the log of the function says why'

/**
 * What a letter says of itself, as far as it can be read: it lies there because something is wrong with it. Whose it is is told as where it
 * failed, so a letter that names no proper tenant is nobody's, and only seen in the queue itself.
 *
 * @param defaultTenant - whose a message is that came to the ingress queue without saying so
 */
export function readDeadLetter(letter: StoredLetter, defaultTenant: string): OwnedLetter | undefined {
  const { queue, id, body, sentAt, receiveCount } = letter
  const content = letter.queue === 'ingress' ? readMessage(letter, defaultTenant) : readWork(body)
  const tenant = valid(tenantSchema, content.tenant)
  if (tenant === undefined) return undefined
  const deadLetter: DeadLetter = {
    queue,
    id,
    // EventBridge gives its reasons under names of its own.
    code: textOf(letter, 'code') ?? textOf(letter, 'ERROR_CODE') ?? GAVE_UP,
    detail: textOf(letter, 'detail') ?? textOf(letter, 'ERROR_MESSAGE') ?? GAVE_UP_DETAIL,
    messageId: valid(messageIdSchema, content.messageId) ?? firstIdOf(letter),
    topic: valid(topicSchema, content.topic),
    agentId: valid(agentIdSchema, content.agentId),
    executionId: valid(executionIdSchema, content.executionId),
    time: new Date(sentAt).toISOString(),
    receiveCount,
    body,
  }
  return { tenant, deadLetter }
}

/** The id that a message had when it came first: SQS gives it a new one whenever it is sent. */
export const firstIdOf = (letter: StoredLetter): string => textOf(letter, MESSAGE_ID_ATTRIBUTE) ?? letter.id

/** Fields as somebody wrote them; nothing is known of them yet. */
type Content = { tenant?: unknown; messageId?: unknown; topic?: unknown; agentId?: unknown; executionId?: unknown }

/** Read as `decodeIngressRecord` reads it. */
function readMessage(letter: StoredLetter, defaultTenant: string): Content {
  const body = fieldsOf(letter.body)
  if ('detail-type' in body && body.source === MESSAGE_SOURCE) {
    const { tenant, envelope } = objectOf(body.detail)
    return { tenant, ...addressOf(objectOf(envelope)) }
  }
  const topic = textOf(letter, TOPIC_ATTRIBUTE)
  return { tenant: textOf(letter, TENANT_ATTRIBUTE) ?? defaultTenant, ...addressOf({ topic, ...body }) }
}

const addressOf = ({ id, topic, to }: Record<string, unknown>): Content => ({ messageId: id, topic, agentId: to })

const readWork = (body: string): Content => {
  const { tenant, agentId, executionId } = fieldsOf(body)
  return { tenant, agentId, executionId }
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return {}
  }
}

const objectOf = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {})

const textOf = ({ attributes }: StoredLetter, name: string): string | undefined =>
  Object.hasOwn(attributes, name) ? attributes[name]?.StringValue : undefined

const valid = <Value>(schema: z.ZodType<Value>, value: unknown): Value | undefined => schema.safeParse(value).data
