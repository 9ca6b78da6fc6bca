import type { ModelChoice } from '#shared/protocol/llm.ts'
import type { ModelNeeds } from '#shared/protocol/model.ts'

/** How long a model took lately, in milliseconds; undefined when it was not asked. */
export type LatencyReader = (tenant: string, choice: ModelChoice) => Promise<number | undefined>

/** What is to be asked: what candidates must have, and what it is about. */
export type VirtualRequest = ModelNeeds & {
  /** Estimates, for prices. @default 1,000 in and 500 out */
  inputTokens?: number | undefined
  outputTokens?: number | undefined
}

/** Models that are rules. */
export type VirtualModels = {
  /**
   * Models to ask, best first: the others are its fallbacks. Never empty.
   *
   * @throws ValidationError when the name is unknown, naming the known ones, or no candidate has what is needed
   */
  candidates(tenant: string, name: string, request?: VirtualRequest): Promise<ModelChoice[]>
}
