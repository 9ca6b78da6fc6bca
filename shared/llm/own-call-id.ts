import { newId } from '#shared/platform/ids.ts'

/** Id of a tool call whose provider gives it none. */
export const ownCallId = (): string => `call_${newId()}`
