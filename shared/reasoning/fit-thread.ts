import { cutText } from '#shared/tools/cut-text.ts'
import { openPairs, type Thread } from './thread.ts'

/** Lengths to which results are cut, one after the other, in bytes of UTF-8. */
const LENGTHS = [4_096, 1_024, 256]
/** Arguments that are longer are left out of turns that are over, in bytes. */
const LONG_ARGUMENTS = 256
/** JSON, as vendors want arguments to be. */
const LEFT_OUT = '{}'

/**
 * Makes a thread smaller until its state fits: the oldest results of tools are cut first, each with a note, then those of the last turn, then long arguments
 * are left out, and at last the oldest turns as a whole. What is under way is never left out.
 *
 * @param fits - measures the state that the thread is part of
 * @returns whether it fits now
 */
export function fitThread(thread: Thread, fits: () => boolean): boolean {
  for (const shorten of shortenings(thread)) {
    if (fits()) return true
    shorten()
  }
  while (!fits()) if (!dropOldestTurn(thread)) return false
  return true
}

function* shortenings(thread: Thread): Generator<() => void> {
  const { messages, open } = thread
  const results = messages.filter((message) => message.role === 'tool')
  const latest = open.flatMap(({ result }) => result ?? [])
  for (const texts of [results, latest]) {
    for (const length of LENGTHS) {
      for (const text of texts) {
        yield () => {
          text.content = cutText(text.content, length)
        }
      }
    }
  }
  const underWay = openPairs(thread).map(({ asked }) => asked)
  for (const call of messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))) {
    if (underWay.includes(call) || Buffer.byteLength(call.arguments) <= LONG_ARGUMENTS) continue
    yield () => {
      call.arguments = LEFT_OUT
    }
  }
}

/** Leaves out the first turn with its results, unless it is the last one. */
function dropOldestTurn(thread: Thread): boolean {
  const turns = thread.messages.flatMap(({ role }, place) => (role === 'assistant' ? [place] : []))
  const [first, second] = turns
  if (first === undefined || second === undefined) return false
  thread.messages.splice(first, second - first)
  return true
}
