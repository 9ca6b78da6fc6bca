import type { StreamOutcome } from '#shared/protocol/flat-event.ts'
import type { ChannelRef } from './channel-ref.ts'
import type { StreamLog } from './stream-log.ts'
import { StreamText } from './stream-text.ts'

/** Tells what an execution came to. Only to be asked once its terminal event stands in the log. */
export type OutcomeReader = () => Promise<StreamOutcome & { text: string }>

/** Reads the outcome from the log, once for all who ask. Most frames need none, so nothing is read before. */
export function outcomeReader(log: StreamLog, ref: ChannelRef): OutcomeReader {
  let reading: ReturnType<OutcomeReader> | undefined
  return () => {
    reading ??= readOutcome(log, ref).catch((error: unknown) => {
      reading = undefined
      throw error
    })
    return reading
  }
}

async function readOutcome(log: StreamLog, ref: ChannelRef): ReturnType<OutcomeReader> {
  const kept = new StreamText()
  let usage: StreamOutcome['usage']
  for (let cursor: number | undefined = -1; cursor !== undefined; ) {
    const events = await log.read(ref, cursor)
    for (const event of events) {
      kept.apply(event)
      if (event.type === 'usage') usage = event.data
    }
    cursor = events.at(-1)?.sequence
  }
  return { text: kept.text, usage }
}
