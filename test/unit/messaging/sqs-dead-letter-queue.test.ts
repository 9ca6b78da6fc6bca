import type { SendMessageCommandInput } from '@aws-sdk/client-sqs'
import type { SQSRecord } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { decodeIngressRecord } from '#shared/messaging/decode-ingress-record.ts'
import { sqsDeadLetterQueue } from '#shared/messaging/sqs-dead-letter-queue.ts'
import { newId } from '#shared/platform/ids.ts'
import { aRecord } from '../../helpers/sqs-events.ts'

const REASON = { code: 'not_found', detail: 'agent "nobody" does not exist' }

async function deadLetterOf(record: SQSRecord, reason = REASON): Promise<SendMessageCommandInput> {
  const sent: SendMessageCommandInput[] = []
  await sqsDeadLetterQueue(async (message) => void sent.push(message), 'https://queue').send(record, reason)
  const [message] = sent
  if (!message) throw new Error('nothing was sent')
  return message
}

/** What the ingress queue brings when somebody has sent the dead letter back: SQS gives it another id. */
function redriven({ MessageBody, MessageAttributes = {} }: SendMessageCommandInput): SQSRecord {
  const attributes = Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue])
  return { ...aRecord(MessageBody, Object.fromEntries(attributes)), messageId: newId() }
}

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`extra-${index}`, 'kept']))

describe('sqsDeadLetterQueue', () => {
  it('keeps a message what it was: sent back, it has its tenant, its topic and its id', async () => {
    const record = aRecord({ content: 'Why?' }, { tenant: 'acme', topic: 'questions' })

    const once = redriven(await deadLetterOf(record))
    const twice = redriven(await deadLetterOf(once))

    expect(decodeIngressRecord(twice, 'default')).toEqual(decodeIngressRecord(record, 'default'))
  })

  it('says why it was refused the last time', async () => {
    const once = redriven(await deadLetterOf(aRecord('no JSON')))

    const { MessageAttributes } = await deadLetterOf(once, { code: 'validation_error', detail: 'no JSON' })

    expect(MessageAttributes?.code?.StringValue).toBe('validation_error')
    expect(MessageAttributes?.detail?.StringValue).toBe('no JSON')
  })

  it.each([[5], [8], [10]])('has ten attributes at the most, its own among them (%i of others)', async (others) => {
    const record = aRecord('no JSON', { ...many(others - 2), tenant: 'acme', topic: 'questions' })

    const { MessageAttributes = {} } = await deadLetterOf(record)

    expect(Object.keys(MessageAttributes)).toHaveLength(Math.min(10, others + 3))
    expect(Object.keys(MessageAttributes)).toEqual(
      expect.arrayContaining(['tenant', 'topic', 'messageId', 'code', 'detail', 'extra-0']),
    )
  })

  it('keeps an attribute of bytes', async () => {
    const record = aRecord('no JSON')
    record.messageAttributes.trace = { dataType: 'Binary', binaryValue: Buffer.from([1, 255]).toString('base64') }

    const { MessageAttributes } = await deadLetterOf(record)

    expect(MessageAttributes?.trace).toEqual({ DataType: 'Binary', BinaryValue: Buffer.from([1, 255]) })
  })
})
