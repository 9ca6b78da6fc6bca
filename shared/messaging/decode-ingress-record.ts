import type { SQSRecord } from 'aws-lambda'
import * as z from 'zod'
import { ValidationError } from '#shared/platform/errors.ts'
import { MESSAGE_ID_ATTRIBUTE, MESSAGE_SOURCE, TENANT_ATTRIBUTE, TOPIC_ATTRIBUTE } from '#shared/platform/names.ts'
import { parse, parseJson } from '#shared/platform/parse.ts'
import { type Envelope, envelopeSchema } from '#shared/protocol/envelope.ts'
import { tenantSchema } from '#shared/protocol/identifiers.ts'
import { MAX_DATA_DEPTH } from '#shared/protocol/json-depth.ts'
import { MAX_MESSAGE_BYTES } from '#shared/protocol/limits.ts'
import { isTooLarge } from './envelope-size.ts'
import type { Message } from './message.ts'

/** The part of an SQS record that a message is made of. */
export type IngressRecord = Pick<SQSRecord, 'messageId' | 'body' | 'messageAttributes'> & {
  attributes: Pick<SQSRecord['attributes'], 'SentTimestamp'>
}

/** Sources of messages whose sender named none: where they came in. */
const QUEUE_SOURCE = 'sqs'
const BUS_SOURCE = 'eventbridge'

/** Deepest body: the event of a bus has its data in the envelope, in the detail, in the event. */
const MAX_BODY_DEPTH = MAX_DATA_DEPTH + 3

/** What EventBridge makes of an event on our bus. */
const busEventSchema = z.object({
  source: z.literal(MESSAGE_SOURCE),
  'detail-type': z.string(),
  detail: z.looseObject({
    tenant: tenantSchema,
    envelope: z.looseObject({}),
    rootSource: envelopeSchema.shape.source.optional(),
  }),
})

/**
 * The message in a record of the ingress queue, which is one of three: an event of the bus, an envelope somebody sent to the queue,
 * or any other JSON with the message attribute `topic`, which becomes the data of a new envelope.
 *
 * @param defaultTenant - whose a message is that came to the queue without the message attribute `tenant`
 * @throws ValidationError when it is none of them, or too large: no retry will change that
 */
export function decodeIngressRecord(record: IngressRecord, defaultTenant: string): Message {
  const body = parseJson(record.body, 'message', MAX_BODY_DEPTH)
  if (isObject(body) && 'detail-type' in body && body.source === MESSAGE_SOURCE) {
    const { tenant, envelope, rootSource } = parse(busEventSchema, body, 'event').detail
    return { tenant, envelope: toEnvelope(envelope, record, BUS_SOURCE), rootSource }
  }
  const tenant = parse(tenantSchema, attribute(record, TENANT_ATTRIBUTE) ?? defaultTenant, 'message attribute "tenant"')
  const id = attribute(record, MESSAGE_ID_ATTRIBUTE) ?? record.messageId
  const candidate = isObject(body) && isEnvelope(body) ? body : { id, type: 'message', data: body }
  return { tenant, envelope: toEnvelope(candidate, record, QUEUE_SOURCE) }
}

/** An object is meant as an envelope when it says so, or has all that an envelope cannot be without. */
function isEnvelope(body: Record<string, unknown>): boolean {
  return 'specversion' in body || ['id', 'type', 'data'].every((field) => Object.hasOwn(body, field))
}

/** Fills in what the sender left out and the queue knows. Clients of older systems tell the time in Unix seconds. */
function toEnvelope(candidate: Record<string, unknown>, record: IngressRecord, source: string): Envelope {
  const addressed = candidate.topic !== undefined || candidate.to !== undefined
  const envelope = parse(
    envelopeSchema,
    {
      source,
      time: new Date(Number(record.attributes.SentTimestamp)).toISOString(),
      ...(!addressed && { topic: attribute(record, TOPIC_ATTRIBUTE) }),
      ...candidate,
      ...(typeof candidate.time === 'number' && { time: fromUnixSeconds(candidate.time) }),
    },
    'message',
  )
  if ((envelope.topic === undefined) === (envelope.to === undefined)) {
    throw new ValidationError(
      `the message needs either "topic" or "to"; other JSON needs the message attribute "${TOPIC_ATTRIBUTE}"`,
    )
  }
  if (isTooLarge(envelope)) throw new ValidationError(`the message is larger than ${MAX_MESSAGE_BYTES} bytes`)
  return envelope
}

/** RFC 3339. Left as it is, and refused with the other fields, when no calendar has it. */
function fromUnixSeconds(seconds: number): string | number {
  const date = new Date(seconds * 1_000)
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9_999 ? seconds : date.toISOString()
}

const attribute = (record: IngressRecord, name: string): string | undefined => record.messageAttributes[name]?.stringValue

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
