import { newId } from '#shared/platform/ids.ts'

/** An id for a tool call to which the provider gave none. */
export const ownCallId = (): string => `call_${newId()}`
