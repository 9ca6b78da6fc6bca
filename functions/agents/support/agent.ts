import * as z from 'zod'
import { defineAgent } from '#shared/runtime/define-agent.ts'

export const Ticket = z.object({
  id: z.string().optional(),
  subject: z.string().min(1),
  description: z.string().min(1),
  /** `high`, `medium`; anything else, or nothing, is low. */
  priority: z.string().optional(),
})

type Path = { topic: string; priority: number; instruction: string }

const LOW: Path = { topic: 'tickets.low', priority: 2, instruction: 'Answer this support ticket with links to the manual.' }
const PATHS = new Map<string | undefined, Path>([
  ['high', { topic: 'tickets.high', priority: 9, instruction: 'Say in one sentence that somebody looks at this ticket now.' }],
  ['medium', { topic: 'tickets.medium', priority: 5, instruction: 'Answer this support ticket step by step.' }],
])

/** Answers support tickets, and passes them on to the people who handle their priority. */
export const support = defineAgent({
  id: 'support',
  name: 'Support',
  description: 'Answers support tickets and sorts them by priority.',
  topics: ['tickets'],
  llm: { provider: 'scripted', model: 'answer' },
  input: Ticket,
  async handle(ticket, { llm, message, publish, stream }) {
    const { topic, priority, instruction } = PATHS.get(ticket.priority) ?? LOW
    let answer = ''
    for await (const delta of llm.stream({ system: instruction, prompt: `${ticket.subject}\n\n${ticket.description}` })) {
      answer += delta
      await stream.write(delta)
    }
    const { id = message.id, subject } = ticket
    await publish(topic, { id, subject, answer }, { type: 'ticket.answered', priority, correlationId: message.id })
    return { id, passedTo: topic }
  },
})
