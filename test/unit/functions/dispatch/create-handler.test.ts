import { describe, expect, it } from 'vitest'
import { memoryDeadLetterQueue } from '#shared/messaging/memory-dead-letter-queue.ts'
import { memoryDeliverAgain } from '#shared/messaging/memory-deliver-again.ts'
import { memoryWorkQueue } from '#shared/messaging/memory-work-queue.ts'
import type { Message } from '#shared/messaging/message.ts'
import { dataKey } from '#shared/messaging/message-data.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { MAX_DEPTH } from '#shared/protocol/limits.ts'
import { memoryConnectionPoster } from '#shared/streams/memory-connection-poster.ts'
import { memorySubscriptionStore } from '#shared/streams/memory-subscription-store.ts'
import { topicPublisher } from '#shared/streams/topic-publisher.ts'
import { createHandler } from '../../../../functions/dispatch/create-handler.ts'
import { anAgent, memoryWorld } from '../../../helpers/executions.ts'
import { aTopic, messagingWorld } from '../../../helpers/messaging.ts'
import { aRecord, failuresOf } from '../../../helpers/sqs-events.ts'
import { anEnvelope, senderTools } from '../../../helpers/streams.ts'

async function dispatchFunction() {
  const { log, agents, executions, admission } = memoryWorld()
  const deadLetters = memoryDeadLetterQueue()
  const workQueue = memoryWorkQueue()
  const logger = memoryLog()
  const { artifacts, topicStore, topicSchemas } = messagingWorld(systemClock)
  const told: string[] = []
  const subscriptions = memorySubscriptionStore(log)
  const dependencies = {
    executions,
    admission,
    streamLog: log,
    agents,
    artifacts,
    topicSchemas,
    workQueue,
    deadLetters,
    async tellDeadLetter(message: Message, error: SluiceError) {
      told.push(`${message.tenant}/${message.envelope.id}: ${error.code}`)
    },
    defaultTenant: 'acme',
    topics: topicPublisher({ log, subscriptions, poster: memoryConnectionPoster(), ...senderTools(), clock: systemClock }),
    clock: systemClock,
    deliverAgain: memoryDeliverAgain(),
    logger,
  }
  await agents.create('acme', anAgent())
  return {
    dependencies,
    handler: createHandler(dependencies),
    log,
    deadLetters,
    workQueue,
    logger,
    agents,
    artifacts,
    topicStore,
    told,
  }
}

describe('the function "dispatch"', () => {
  it('makes executions of messages, and shows them on their topic', async () => {
    const { handler, workQueue, logger, log } = await dispatchFunction()

    expect(await failuresOf(handler, aRecord(anEnvelope()), aRecord({ content: 'raw' }, { topic: 'questions' }))).toEqual([])

    expect(workQueue.sent).toHaveLength(2)
    expect(logger.lines.map(({ code }) => code)).toEqual(['message_dispatched', 'message_dispatched'])
    expect(await log.lastSequence({ tenant: 'acme', channel: 'topic:questions' })).toBe(1)
  })

  it('keeps to the tenant that the sender named', async () => {
    const { handler, workQueue, agents } = await dispatchFunction()
    await agents.create('other', anAgent())

    await failuresOf(handler, aRecord(anEnvelope(), { tenant: 'other' }))

    expect(workQueue.sent.map(({ tenant }) => tenant)).toEqual(['other'])
  })

  it.each<[string, unknown, string]>([
    ['what is no JSON', 'this is not JSON', 'validation_error'],
    ['raw JSON without a topic', { content: 'for whom?' }, 'validation_error'],
    ['an envelope without an address', anEnvelope({ topic: undefined }), 'validation_error'],
    ['a message to an agent that does not exist', anEnvelope({ topic: undefined, to: 'nobody' }), 'not_found'],
  ])('puts %s into the dead-letter queue with the reason, and never tries again', async (_what, body, code) => {
    const { handler, deadLetters, workQueue, logger } = await dispatchFunction()
    const record = aRecord(body)

    expect(await failuresOf(handler, record)).toEqual([])

    expect(deadLetters.sent).toEqual([{ record, code, detail: expect.stringMatching(/\w/) }])
    expect(workQueue.sent).toEqual([])
    expect(logger.lines).toMatchObject([
      { level: 'warn', code: 'message_dead_lettered', fields: { messageId: record.messageId, code } },
    ])
  })

  it('has only those messages come again that failed for a passing reason', async () => {
    const { handler, dependencies, deadLetters, logger } = await dispatchFunction()
    const [good, failing, bad] = [aRecord(anEnvelope()), aRecord(anEnvelope({ topic: 'broken' })), aRecord('no JSON')]
    const { subscribersOf } = dependencies.agents
    dependencies.agents.subscribersOf = async (tenant, topic) => {
      if (topic === 'broken') throw new SluiceError('unavailable', 'the table throttles')
      return subscribersOf(tenant, topic)
    }

    expect(await failuresOf(handler, good, failing, bad)).toEqual([failing.messageId])

    expect(deadLetters.sent).toHaveLength(1)
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'message_retried',
        fields: expect.objectContaining({ messageId: failing.messageId, code: 'unavailable' }),
      }),
    )
  })

  it('has all of them come again when all failed, without failing itself', async () => {
    const { handler, dependencies } = await dispatchFunction()
    dependencies.workQueue.send = () => Promise.reject(new Error('queue is gone'))
    const records = [aRecord(anEnvelope()), aRecord(anEnvelope())]

    expect(await failuresOf(handler, ...records)).toEqual(records.map(({ messageId }) => messageId))
  })

  it('keeps a message that the dead-letter queue did not take', async () => {
    const { handler, deadLetters } = await dispatchFunction()
    deadLetters.send = () => Promise.reject(new Error('queue is gone'))
    const record = aRecord('no JSON')

    expect(await failuresOf(handler, record)).toEqual([record.messageId])
  })
})

describe('the function "dispatch", what it refuses', () => {
  it('refuses data that does not fit the schema of its topic, with the reason', async () => {
    const { handler, deadLetters, workQueue, topicStore, told } = await dispatchFunction()
    await topicStore.put('acme', aTopic())
    const record = aRecord(anEnvelope({ id: 'm1', data: { content: 7 } }))

    expect(await failuresOf(handler, record, aRecord(anEnvelope()))).toEqual([])

    expect(deadLetters.sent).toEqual([{ record, code: 'validation_error', detail: expect.stringContaining('"data.content"') }])
    expect(workQueue.sent).toHaveLength(1)
    expect(told).toEqual(['acme/m1: validation_error'])
  })

  it('refuses a chain that is too long', async () => {
    const { handler, deadLetters, workQueue } = await dispatchFunction()
    const link = (depth: number) => aRecord(anEnvelope({ parentId: 'e2', rootId: 'e1', depth }))

    expect(await failuresOf(handler, link(MAX_DEPTH), link(MAX_DEPTH + 1))).toEqual([])

    expect(workQueue.sent).toHaveLength(1)
    expect(deadLetters.sent).toMatchObject([{ code: 'depth_exceeded', detail: expect.stringContaining('"e1"') }])
  })

  it.each([
    ['the data of another tenant', (envelope: Envelope) => dataKey({ tenant: 'globex', envelope })],
    ['a way out of its folder', () => 'T/acme/messages/../../globex/messages/1'],
    ['an address', () => 'https://169.254.169.254/latest/meta-data'],
  ])('never reads %s that a message refers to', async (_what, datarefOf) => {
    const { handler, deadLetters, workQueue, topicStore, artifacts } = await dispatchFunction()
    await topicStore.put('acme', aTopic({ schema: {} }))
    const envelope = anEnvelope({ data: null })
    const dataref = datarefOf(envelope)
    const reads: string[] = []
    artifacts.get = async (key) => {
      reads.push(key)
      return '"a secret"'
    }

    expect(await failuresOf(handler, aRecord({ ...envelope, dataref }))).toEqual([])

    expect(deadLetters.sent).toMatchObject([{ code: 'validation_error' }])
    expect(workQueue.sent).toEqual([])
    expect(reads).toEqual([])
  })

  it('tells nobody of what is no message: nobody knows whose it is', async () => {
    const { handler, told } = await dispatchFunction()

    await failuresOf(handler, aRecord('no JSON'))

    expect(told).toEqual([])
  })

  it('lets a message rest with the dead letters when nobody could be told', async () => {
    const { handler, dependencies, deadLetters, logger } = await dispatchFunction()
    dependencies.tellDeadLetter = () => Promise.reject(new SluiceError('unavailable', 'the bus throttles'))

    expect(await failuresOf(handler, aRecord(anEnvelope({ topic: undefined, to: 'nobody' })))).toEqual([])

    expect(deadLetters.sent).toHaveLength(1)
    expect(logger.lines.map(({ code }) => code)).toEqual(['message_dead_lettered', 'event_untold'])
  })
})
