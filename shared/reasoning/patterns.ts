import type { REASONING_PATTERNS } from '#shared/protocol/agent-thought.ts'
import type { Pattern } from './reasoning.ts'

/** Patterns by name; each is loaded when it is first used. */
const PATTERNS: Record<(typeof REASONING_PATTERNS)[number], () => Promise<Pattern>> = {
  direct: async () => (await import('./direct.ts')).direct,
  react: async () => (await import('./react.ts')).react,
  reflection: async () => (await import('./reflection.ts')).reflection,
  plan_and_execute: async () => (await import('./plan-and-execute.ts')).planAndExecute,
  multi_agent: async () => (await import('./multi-agent.ts')).multiAgent,
}

/** Answers as a pattern does. */
export const patternOf = (name: keyof typeof PATTERNS): Promise<Pattern> => PATTERNS[name]()
