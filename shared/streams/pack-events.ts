import type { ExecutionEvent, StreamEvent } from '#shared/protocol/stream-event.ts'

/** Largest text of one packed event, in bytes of JSON: with all around it, it fits a frame. */
export const PACKED_TEXT_BYTES = 20 * 1024

type TextEvent = Extract<ExecutionEvent, { type: 'content_chunk' | 'thinking' }>

/** Events on their way to one packed event: the first sequence that it stands for, its pieces of text, and their size. */
type Pack = { from: number; last: StreamEvent; texts: string[]; bytes: number }

/**
 * Says the same in fewer events: runs of `content_chunk` and of `thinking` become one event each, and texts that a `retrying` among these
 * events takes back are left out. An event that stands for others has `from`. The ranges from..sequence follow each other as the events
 * did, so whoever applies any number of them can go on with the cursor behind the last one, packed or not.
 *
 * @param events - consecutive events of one channel, none of them packed; those of topics and facts stay as they are
 * @param room - largest text of one event, in bytes of JSON. An event that is larger by itself stays whole
 */
export function packEvents(events: readonly StreamEvent[], { room = PACKED_TEXT_BYTES } = {}): StreamEvent[] {
  const takenBack = sequencesTakenBack(events)
  const packs: Pack[] = []
  let from: number | undefined
  for (const event of events) {
    from ??= event.sequence
    // Whatever is taken back has something behind it that stays: the event that takes it back, at the latest.
    if (takenBack.has(event.sequence)) continue
    const text = isText(event) ? event.data.text : ''
    const bytes = isText(event) ? Buffer.byteLength(JSON.stringify(text)) : 0
    const pack = packs.at(-1)
    if (pack && isText(event) && continues(pack.last, event) && pack.bytes + bytes <= room) {
      pack.last = event
      pack.texts.push(text)
      pack.bytes += bytes
    } else packs.push({ from, last: event, texts: [text], bytes })
    from = undefined
  }
  return packs.map(packed)
}

const isText = (event: StreamEvent): event is TextEvent => event.type === 'content_chunk' || event.type === 'thinking'

const continues = (before: StreamEvent, event: TextEvent): boolean =>
  before.type === event.type && before.attempt === event.attempt

/** Sequences of the texts that a later event takes back (protocol, "Streams and cursors", rule 3). */
function sequencesTakenBack(events: readonly StreamEvent[]): Set<number> {
  const taken = new Set<number>()
  let keptThrough = Number.POSITIVE_INFINITY
  for (const event of events.toReversed()) {
    if (isText(event) && event.sequence > keptThrough) taken.add(event.sequence)
    if (event.type === 'retrying') keptThrough = Math.min(keptThrough, event.data.resumeFrom)
  }
  return taken
}

function packed({ from, last, texts }: Pack): StreamEvent {
  if (from === last.sequence) return last
  const range = { ...last, from } as ExecutionEvent
  return isText(last) ? ({ ...range, data: { ...last.data, text: texts.join('') } } as ExecutionEvent) : range
}
