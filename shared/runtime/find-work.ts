import { SluiceError } from '#shared/platform/errors.ts'
import type { AgentDefinition, Work } from './agent-definition.ts'

/**
 * What an agent does with work of a type: its own code for the type, or else the code for everything.
 *
 * @throws SluiceError `unsupported_task_type` when there is neither
 */
export function findWork(definition: AgentDefinition, type: string | undefined): WorkFound {
  const { id, input, handle, tasks = {}, events = {}, taskTypes } = definition
  const byType: Record<string, Work> = { ...tasks, ...events }
  const known = type !== undefined && Object.hasOwn(byType, type) ? byType[type] : undefined
  if (known) return known
  if (handle && (type === undefined || taskTypes === undefined || taskTypes.includes(type))) return { input, handle }
  const types = [...Object.keys(byType), ...(taskTypes ?? [])].join(', ')
  throw new SluiceError(
    'unsupported_task_type',
    `the agent "${id}" does not know ${type === undefined ? 'work without a type' : `the type "${type}"`}; it knows ${types}`,
  )
}

/** Without `input` any JSON will do. */
export type WorkFound = Pick<Work, 'handle'> & { input?: Work['input'] | undefined }
