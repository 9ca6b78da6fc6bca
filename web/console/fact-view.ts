import type { FactEvent } from '../client/index.ts'

/** What a row says of a lifecycle event at a glance. */
export interface FactView {
  agentId?: string
  /** Whether there is a page of the agent: not once it is gone. */
  hasPage: boolean
  /** What else it is about: "execution" and its id. */
  subjects: readonly { name: string; value: string }[]
  error?: { code: string; detail: string }
  /** Whether something went wrong. */
  isBad: boolean
}

/** Fields of `data` that say what an event is about, and how a page calls them. */
const SUBJECTS = {
  executionId: 'execution',
  messageId: 'message',
  topic: 'topic',
  queue: 'queue',
  subject: 'subject',
  connectionId: 'connection',
} as const

const BAD = /failed$|timed_out$|dead_lettered$|expired$/

export function viewOf({ data: { type, data } }: FactEvent): FactView {
  const error = errorOf(data.error)
  return {
    ...(data.agentId !== undefined && { agentId: data.agentId }),
    hasPage: type !== 'agent.deleted',
    subjects: Object.entries(SUBJECTS).flatMap(([field, name]) => {
      const value = data[field]
      return typeof value === 'string' ? [{ name, value }] : []
    }),
    ...(error && { error }),
    isBad: BAD.test(type),
  }
}

function errorOf(value: unknown): FactView['error'] {
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined
  return { code: String(value.code), detail: 'detail' in value ? String(value.detail) : '' }
}
