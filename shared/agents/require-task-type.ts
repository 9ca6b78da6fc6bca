import { SluiceError } from '#shared/platform/errors.ts'
import type { Agent } from '#shared/protocol/agent.ts'

/** Refuses work that an agent says it does not know; without a list of types it knows all. @throws SluiceError `unsupported_task_type` */
export function requireTaskType({ agentId, taskTypes }: Agent, type: string | undefined): void {
  if (type !== undefined && taskTypes?.includes(type) === false)
    throw new SluiceError('unsupported_task_type', `the agent "${agentId}" does not know the type "${type}"`)
}
