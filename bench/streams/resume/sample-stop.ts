import * as z from 'zod'
import { sleep } from '#shared/platform/clock.ts'
import { newId } from '#shared/platform/ids.ts'
import type { Client } from '../../../web/client/index.ts'
import { ask, beginsToAnswer } from './ask.ts'

const callsSchema = z.object({
  calls: z.array(z.object({ prompt: z.string(), aborted: z.boolean(), endedAt: z.number().optional() })),
})

/** Far longer than anybody waits here. */
const FLOWING = 'tokens=1000 rate=40'
/** Says no more after a second, and leaves the connection open. */
const SILENT = `${FLOWING} stall=40`
const SPREAD_MS = 1_000
const SILENT_AFTER_MS = 1_500

/**
 * Asks, and cancels in the middle of the answer.
 *
 * @param modelUrl - base URL of the scripted model, which says when its caller went away
 * @returns milliseconds from the press of the button, its request included, to the end of the model's call
 */
export async function sampleStop(client: Client, modelUrl: string, { silent }: { silent: boolean }): Promise<number> {
  const question = newId()
  const stream = await ask(client, silent ? SILENT : FLOWING, question)
  await beginsToAnswer(stream)
  await sleep((silent ? SILENT_AFTER_MS : 0) + Math.random() * SPREAD_MS)
  const pressedAt = Date.now()
  await stream.cancel()
  await stream.done
  const response = await fetch(new URL('/control/calls', modelUrl), { signal: AbortSignal.timeout(10_000) })
  const { calls } = callsSchema.parse(await response.json())
  const call = calls.find(({ prompt }) => prompt.startsWith(question))
  if (!call?.aborted || call.endedAt === undefined) throw new Error('the cancel did not abort the call of the model')
  return call.endedAt - pressedAt
}
