import { sleep } from '#shared/platform/clock.ts'
import type { Client } from '../../../web/client/index.ts'
import type { FlakyNetwork } from '../flaky-network.ts'
import { ask, beginsToAnswer } from './ask.ts'

/** Milliseconds to the first new event on the page: from the cut, and from the moment when the client had a way again. */
export type ResumeSample = { fromCutMs: number; fromOpenMs: number }

/** About three seconds of text. */
const SWITCHES = 'tokens=120 rate=40'
/** The answer is under way when its connection breaks, between its first and its second second. */
const SHORTEST_MS = 500
const SPREAD_MS = 1_000
const PATIENCE_MS = 30_000

/**
 * Asks, cuts every connection in the middle of the answer, and lets new ones pass at once.
 *
 * @param client - dials through `network`
 * @throws what the stream throws when it does not end whole and verified
 */
export async function sampleResume(client: Client, network: FlakyNetwork): Promise<ResumeSample> {
  const stream = await ask(client, SWITCHES)
  await beginsToAnswer(stream)
  await sleep(SHORTEST_MS + Math.random() * SPREAD_MS)
  let openAt: number | undefined
  const stopWatching = client.connection.onChange(({ state }) => {
    openAt = state === 'open' ? performance.now() : undefined
  })
  const arrived = Promise.withResolvers<ResumeSample>()
  const stopListening = stream.on({
    events() {
      // Until the way is open again, what comes was there before the cut.
      if (openAt === undefined) return
      const now = performance.now()
      arrived.resolve({ fromCutMs: now - cutAt, fromOpenMs: now - openAt })
    },
    error: arrived.reject,
  })
  AbortSignal.timeout(PATIENCE_MS).addEventListener('abort', () => arrived.reject(new Error('no event came after the cut')))
  const cutAt = performance.now()
  network.cut()
  network.restore()
  try {
    const sample = await arrived.promise
    await stream.done
    return sample
  } finally {
    stopListening()
    stopWatching()
  }
}
