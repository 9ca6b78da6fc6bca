import { newId } from '#shared/platform/ids.ts'
import type { Client, ExecutionStream } from '../../../web/client/index.ts'

/** The agent of the local cloud that answers from a script. */
const AGENT_ID = 'assistant'
const ANSWER_MS = 60_000

/** Asks the scripted model something that nobody has asked before. */
export const ask = (client: Client, switches: string, question = newId()): Promise<ExecutionStream> =>
  client.run(AGENT_ID, `${question} [[${switches}]]`, { pacing: false, signal: AbortSignal.timeout(ANSWER_MS) })

/** Resolves with the first text. */
export async function beginsToAnswer(stream: ExecutionStream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const stop = stream.on({
    text(text) {
      if (text !== '') resolve()
    },
    error: reject,
  })
  await promise.finally(stop)
}
