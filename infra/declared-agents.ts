import type { StageConfig } from './stage-config.ts'

export type DeclaredAgentSettings = {
  /** Folder under `functions/agents`, and the agent's id. */
  id: string
  /** Whether its code calls models; it may read their keys then. @default false */
  llm?: boolean
  /** Longest invocation, in seconds; with checkpoints an execution may take longer. @default functionTimeoutSeconds of the stage */
  timeoutSeconds?: number
  /** Invocations at once; each runs ten executions at the most. At least 2. @default 5 */
  maxConcurrency?: number
  /** Memory in MB. @default 1024 */
  memorySize?: number
}

/** Your agents in code: a line each. */
const OWN: DeclaredAgentSettings[] = []

/** The examples, with the setting `exampleAgents`. */
const EXAMPLES: DeclaredAgentSettings[] = [
  { id: 'echo' },
  { id: 'passthrough' },
  { id: 'chat', llm: true },
  { id: 'support', llm: true },
  { id: 'documents', llm: true },
  { id: 'health', llm: true },
]

/** Shows work that outlives its function: only where that may be as short as it takes. */
const LOCAL: DeclaredAgentSettings[] = [{ id: 'marathon', timeoutSeconds: 20 }]

/** The agents in code that a stage has. Everything else follows: function, queue, dead letters, grants, alarms, the record. */
export const declaredAgents = ({ stage, exampleAgents }: StageConfig): DeclaredAgentSettings[] => [
  ...OWN,
  ...(exampleAgents ? EXAMPLES : []),
  ...(stage === 'local' ? LOCAL : []),
]
