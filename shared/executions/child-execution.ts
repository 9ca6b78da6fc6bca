import { derivedId } from '#shared/platform/ids.ts'
import type { ExecutionKey } from './execution-store.ts'

/** The key of a call of a tool: the same in whichever run it is made. */
export const callKeyOf = (executionId: string, callId: string): string => `${executionId}:${callId}`

/** The execution that an agent has another one answer in: the same question is the same child, and a call asks one agent. */
export const childIdOf = ({ tenant, executionId }: ExecutionKey, callKey: string): string =>
  derivedId('question', tenant, executionId, callKey)

/** Why a child ends whose answer nobody waits for any more. */
export const cancelledWith = (parentId: string): string => `cancelled with the execution "${parentId}", which asked for it`
