import { describe, expect, it } from 'vitest'
import { agentWorld, runAgent } from '#shared/runtime/testing.ts'
import { support } from '../../../functions/agents/support/agent.ts'

const aTicket = (priority?: string) => ({
  id: 'T-1',
  subject: 'No water',
  description: 'The gate is shut.',
  ...(priority !== undefined && { priority }),
})

describe('support', () => {
  it.each([
    ['high', 'tickets.high', 9],
    ['medium', 'tickets.medium', 5],
    ['low', 'tickets.low', 2],
    ['whatever', 'tickets.low', 2],
    [undefined, 'tickets.low', 2],
  ])('passes a ticket of priority %s to %s', async (priority, topic, urgency) => {
    const run = await runAgent(support, aTicket(priority), { llm: ['We ', 'look.'] })

    expect(run).toMatchObject({ status: 'completed', text: 'We look.', data: { id: 'T-1', passedTo: topic } })
    expect(run.published).toMatchObject([
      { topic, priority: urgency, data: { id: 'T-1', subject: 'No water', answer: 'We look.' } },
    ])
  })

  it('instructs its model another way for each priority, and gives it the ticket', async () => {
    const world = agentWorld(support)
    for (const priority of ['high', 'medium', 'low']) await world.run(aTicket(priority))

    const instructions = world.llmCalls.map(({ messages }) => messages.find(({ role }) => role === 'system')?.content)
    expect(new Set(instructions).size).toBe(3)
    expect(world.llmCalls[0]?.messages.at(-1)?.content).toBe('No water\n\nThe gate is shut.')
  })

  it('names the fields that a ticket lacks, in its error and its dead letter', async () => {
    const run = await runAgent(support, { priority: 'high' })

    expect(run).toMatchObject({ status: 'failed', attempt: 1, published: [], error: { code: 'validation_error' } })
    expect(run.error?.detail).toMatch(/"subject".*"description"/)
    expect(run.deadLetters).toMatchObject([{ code: 'validation_error', detail: run.error?.detail }])
  })
})
