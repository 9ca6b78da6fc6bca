import type { IncomingMessage } from 'node:http'
import { createExecutionSchema } from '#shared/protocol/execution.ts'
import { flatEvent, graphqlName } from '#shared/protocol/flat-event.ts'
import { type ModelWorld, Refused } from './world.ts'

export type Request = { method: string; path: string; query: URLSearchParams; headers: IncomingMessage['headers']; body: string }

export function executionBody(text: string) {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new Refused('validation_error')
  }
  const { success, data, error } = createExecutionSchema.safeParse(json)
  if (!success) throw new Refused('validation_error', 'not valid', error.issues[0]?.path.join('.'))
  return data
}

export type GraphqlRequest = { query: string; variables: { id: string; after: number } }

/** Events of an execution with the fields that stand in the innermost braces. */
export function graphqlEvents(world: ModelWorld, { query, variables: { id, after } }: GraphqlRequest): unknown[] {
  const { log, text } = world.find(id)
  const fields = (/\{([^{}]+)\}/.exec(query)?.[1] ?? '').trim().split(/\s+/)
  return log.events.slice(after + 1).map((event) => {
    const flat = Object.entries(flatEvent(event, { text })).map(([name, value]) => [graphqlName(name), value])
    const values = Object.fromEntries(flat)
    return Object.fromEntries(fields.map((field) => [field, values[field] ?? null]))
  })
}
