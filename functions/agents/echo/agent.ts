import { defineAgent } from '#shared/runtime/define-agent.ts'

/** Answers with what it was sent. */
export const echo = defineAgent({
  id: 'echo',
  name: 'Echo',
  description: 'Answers with what it was sent.',
  topics: ['echo'],
  async handle(input, { stream }) {
    await stream.write(typeof input === 'string' ? input : JSON.stringify(input))
    return { processed: true, input }
  },
})
