import { type AgentDefinitionCalls, agentDefinitionCalls } from './agent-definitions.ts'
import { type BatchCalls, batchCalls } from './batches.ts'
import { type FigureCalls, figureCalls } from './figures.ts'
import type { HttpCaller } from './http.ts'

/** Calls of those who run the platform. Applications do without, so the client does not load them. */
export type OperatorCalls = AgentDefinitionCalls & BatchCalls & FigureCalls

export const operatorCalls = (http: HttpCaller): OperatorCalls => ({
  ...agentDefinitionCalls(http),
  ...batchCalls(http),
  ...figureCalls(http),
})
