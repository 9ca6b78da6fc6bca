import * as z from 'zod'
import { threadSchema } from './thread.ts'

const savedSchema = z.object({ state: z.object({ thread: threadSchema }) })

/**
 * Ids of the calls that were under way when a checkpoint was stored.
 *
 * @param json - state of a checkpoint; that of an agent in code has none
 */
export function openCallIdsOf(json: string): string[] {
  const saved = savedSchema.safeParse(JSON.parse(json))
  return saved.success ? saved.data.state.thread.open.map(({ callId }) => callId) : []
}
