import type { LlmAgent } from '#shared/protocol/agent.ts'

/** What a model is told first: who the agent is to be, then what its prompt says. Undefined when there is neither. */
export function systemPrompt({ persona: { role, expertise = [], personality } = {}, prompts }: LlmAgent): string | undefined {
  const who = [
    role && `You are ${role}.`,
    expertise.length > 0 && `You know about ${expertise.join(', ')}.`,
    personality && `Your manner: ${personality}.`,
  ]
  return [who.filter(Boolean).join(' '), prompts.system].filter(Boolean).join('\n\n') || undefined
}
