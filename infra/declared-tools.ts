import type { StageConfig } from './stage-config.ts'

export type DeclaredToolSettings = {
  /** Folder under `functions/tools`, and what definitions of agents say as `function`. */
  id: string
  /** Longest call, in seconds; the `timeoutSeconds` of a definition is of use up to here. @default 30 */
  timeoutSeconds?: number
  /** Memory in MB. @default 512 */
  memorySize?: number
  /** Calls at once, which no other function of the account can take. @default as many as there are */
  reservedConcurrency?: number
}

/** Your tools: a line each. */
const OWN: DeclaredToolSettings[] = []

/** The examples, with the setting `exampleAgents`. */
const EXAMPLES: DeclaredToolSettings[] = [{ id: 'weather' }, { id: 'order-status' }]

/** The functions that agents may call as tools on a stage. Everything else follows: the function, who may call it, its alarms. */
export const declaredTools = ({ exampleAgents }: StageConfig): DeclaredToolSettings[] => [
  ...OWN,
  ...(exampleAgents ? EXAMPLES : []),
]
