import * as z from 'zod'
import { type OpenCall, threadSchema } from './thread.ts'

const savedSchema = z.object({ state: z.object({ thread: threadSchema }) })

/**
 * The calls that were under way when a checkpoint was stored.
 *
 * @param json - state of a checkpoint; that of an agent in code has none
 */
export const openCallsOf = (json: string): OpenCall[] => openCallsIn(JSON.parse(json))

/** The same of a state that was read. */
export function openCallsIn(state: unknown): OpenCall[] {
  const saved = savedSchema.safeParse(state)
  return saved.success ? saved.data.state.thread.open : []
}
