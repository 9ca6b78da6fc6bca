import { defineAgent } from '#shared/runtime/define-agent.ts'

const TARGET = 'passthrough.out'

/** Carries the messages of one topic to another, with their type and priority. */
export const passthrough = defineAgent({
  id: 'passthrough',
  name: 'Passthrough',
  description: 'Carries messages from passthrough.in to passthrough.out.',
  topics: ['passthrough.in'],
  async handle(data, { message, publish }) {
    const { type, priority, correlationId = message.id } = message
    const messageId = await publish(TARGET, data, { priority, correlationId, ...(type !== undefined && { type }) })
    return { messageId, topic: TARGET }
  },
})
