import * as z from 'zod'
import { defineAgent } from '#shared/runtime/define-agent.ts'

const SYSTEM_PROMPT = 'You are a helpful assistant. Answer in plain text, in a few short paragraphs.'

/** Talks with whoever writes to it, and remembers the conversation. */
export const chat = defineAgent({
  id: 'chat',
  name: 'Chat',
  description: 'Talks with whoever writes to it, and remembers the conversation.',
  topics: ['chat'],
  llm: { provider: 'scripted', model: 'answer' },
  input: z.looseObject({ content: z.string('invalid message content: use a text') }),
  async handle({ content }, { conversation, llm, stream }) {
    const question = { role: 'user', content } as const
    let answer = ''
    for await (const delta of llm.stream({ system: SYSTEM_PROMPT, messages: [...(await conversation.read()), question] })) {
      answer += delta
      await stream.write(delta)
    }
    await conversation.append('user', content)
    await conversation.append('assistant', answer)
  },
})
