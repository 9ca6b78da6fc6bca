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
})
