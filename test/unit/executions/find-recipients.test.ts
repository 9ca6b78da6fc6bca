import { describe, expect, it } from 'vitest'
import { findRecipients } from '#shared/executions/find-recipients.ts'
import { referenceData } from '#shared/messaging/message-data.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import type { MessageFilter } from '#shared/protocol/message-filter.ts'
import { anAgent, memoryWorld } from '../../helpers/executions.ts'
import { aTopic, LARGE_DATA, messagingWorld } from '../../helpers/messaging.ts'
import { anEnvelope } from '../../helpers/streams.ts'

const clock = { now: () => Date.parse('2026-11-21T09:30:00Z') }

async function setup(filters: Record<string, MessageFilter | undefined> = {}) {
  const { agents } = memoryWorld(clock)
  for (const [agentId, filter] of Object.entries(filters))
    await agents.create('acme', anAgent({ agentId, topics: ['questions'], ...(filter && { filters: { questions: filter } }) }))
  const dependencies = { agents, ...messagingWorld(clock) }
  const find = async (overrides: Partial<Envelope>) => {
    const message = await referenceData(dependencies.artifacts, { tenant: 'acme', envelope: anEnvelope(overrides) })
    return (await findRecipients(dependencies, message)).map(({ agentId }) => agentId)
  }
  return { ...dependencies, find }
}

describe('findRecipients', () => {
  it('finds those whose filter lets the message pass, and those without one', async () => {
    const { find } = await setup({
      all: undefined,
      urgent: { 'data.severity': ['high'] },
      alerts: { type: [{ prefix: 'alert' }] },
    })

    expect(await find({ type: 'alert.opened', data: { severity: 'low' } })).toEqual(['alerts', 'all'])
    expect(await find({ type: 'question', data: { severity: 'high' } })).toEqual(['all', 'urgent'])
  })

  it('looks through a filter into data that did not travel', async () => {
    const { find } = await setup({ urgent: { 'data.severity': ['high'] }, calm: { 'data.severity': ['low'] } })

    expect(await find({ data: { ...LARGE_DATA, severity: 'high' } })).toEqual(['urgent'])
  })

  it('fetches large data for nobody who does not look into it', async () => {
    const { find, artifacts } = await setup({ all: undefined, alerts: { type: ['alert'] } })
    artifacts.get = () => Promise.reject(new Error('nobody shall read it'))

    expect(await find({ type: 'alert', data: LARGE_DATA })).toEqual(['alerts', 'all'])
  })

  it('has the message come again when large data cannot be read now', async () => {
    const { find, artifacts } = await setup({ urgent: { 'data.severity': ['high'] } })
    artifacts.get = () => Promise.reject(new SluiceError('unavailable', 'S3 says SlowDown'))

    await expect(find({ data: LARGE_DATA })).rejects.toMatchObject({ code: 'unavailable', retryable: true })
  })

  it('refuses data that does not fit the schema of the topic, however it came', async () => {
    const { find, topicStore } = await setup({ all: undefined })
    await topicStore.put('acme', aTopic({ schema: { type: 'object', required: ['title'] } }))

    expect(await find({ data: { title: 'Why?' } })).toEqual(['all'])
    await expect(find({ data: {} })).rejects.toMatchObject({
      code: 'validation_error',
      message: expect.stringContaining('title'),
    })
    await expect(find({ data: LARGE_DATA })).rejects.toMatchObject({ code: 'validation_error' })
  })

  it('asks no schema of a message to one agent', async () => {
    const { find, topicStore } = await setup({ all: undefined })
    await topicStore.put('acme', aTopic({ topic: 'all' }))

    expect(await find({ topic: undefined, to: 'all', data: 7 })).toEqual(['all'])
  })

  it('looks into large data of one message at a time', async () => {
    const { find, artifacts } = await setup({ urgent: { 'data.severity': ['high'] } })
    const { get } = artifacts
    const reading = { now: 0, most: 0 }
    artifacts.get = async (key) => {
      reading.most = Math.max(reading.most, ++reading.now)
      const text = await get(key)
      await new Promise(setImmediate)
      reading.now -= 1
      return text
    }

    const data = { ...LARGE_DATA, severity: 'high' }
    const found = await Promise.all(['a', 'b', 'c'].map((id) => find({ id, data })))

    expect(found).toEqual([['urgent'], ['urgent'], ['urgent']])
    expect(reading.most).toBe(1)
  })

  it('puts a message aside with which filters take too long', async () => {
    const paths = Array.from({ length: 20 }, (_none, index) => [`data.field${index}`, [{ exists: false }]])
    const { find } = await setup(Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, Object.fromEntries(paths)])))

    const hunt = find({ data: Array.from({ length: 300_000 }, () => ({})) })

    await expect(hunt).rejects.toMatchObject({
      code: 'validation_error',
      message: expect.stringContaining('longer than 1000 ms'),
    })
  })
})
