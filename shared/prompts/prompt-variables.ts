import { inputText } from './input-text.ts'
import type { Variables } from './render-template.ts'

/** Where an execution stands in a workflow; absent outside of one. */
export type WorkflowPlace = {
  workflowId: string
  tokenId: string
  currentPlace: string
  tokenMetadata: unknown
  /** Transitions so far. */
  historyCount: number
}

export type VariablesRequest = {
  input: unknown
  agentName: string
  workflow?: WorkflowPlace | undefined
  /** When the execution began, RFC 3339: the same in every run of it. */
  now: string
}

/** Names that are reserved for a workflow, even outside of one: keys of an input with these names are ignored. */
const WORKFLOW_NAMES: ReadonlySet<string> = new Set([
  'workflow_id',
  'token_id',
  'current_place',
  'token_metadata',
  'history_count',
])

/**
 * The variables of templates: the platform's own, and every other key of an input that is an object. The platform's names always win, so that no input
 * can pose as a place or token of a workflow.
 */
export const promptVariables = ({ input, agentName, workflow, now }: VariablesRequest): Variables => ({
  ...keysOf(input),
  input_data: inputText(input),
  agent_name: agentName,
  now,
  ...(workflow && {
    workflow_id: workflow.workflowId,
    token_id: workflow.tokenId,
    current_place: workflow.currentPlace,
    token_metadata: workflow.tokenMetadata,
    history_count: workflow.historyCount,
  }),
})

function keysOf(input: unknown): Variables {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return {}
  return Object.fromEntries(Object.entries(input).filter(([name]) => !WORKFLOW_NAMES.has(name)))
}
