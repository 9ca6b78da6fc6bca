/** One call of the model, without its key. */
export type CallRecord = {
  number: number
  model: string
  prompt: string
  stream: boolean
  /** Which call with this very prompt it is, from 1. */
  attempt: number
  /** Tokens that were sent. */
  tokens: number
  /** Status of the answer; 0 as long as there is none. */
  status: number
  /** The client went away before the end. */
  aborted: boolean
  /** The server is done with it, in whatever way. */
  ended: boolean
  /** When it was; milliseconds since the epoch. */
  endedAt?: number
}

/** Older records are forgotten; the count goes on. */
const MAX_RECORDS = 1_000

export type CallLog = {
  begin(call: { model: string; prompt: string; stream: boolean }): CallRecord
  list(): { count: number; calls: CallRecord[] }
  reset(): void
}

export function callLog(): CallLog {
  let calls: CallRecord[] = []
  let count = 0
  const attempts = new Map<string, number>()
  return {
    begin(call) {
      const attempt = (attempts.get(call.prompt) ?? 0) + 1
      attempts.set(call.prompt, attempt)
      count += 1
      const record = { ...call, number: count, attempt, tokens: 0, status: 0, aborted: false, ended: false }
      calls = [...calls.slice(1 - MAX_RECORDS), record]
      return record
    },
    list: () => ({ count, calls }),
    reset() {
      calls = []
      count = 0
      attempts.clear()
    },
  }
}
