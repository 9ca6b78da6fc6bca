/** Who asked for what under which key. The key is one caller's: others with the same one never meet it. */
export type AnswerKey = { tenant: string; subject: string; operation: string; key: string }

/** An answer that is given again; `text` in the place of a body that is JSON. */
export type KeptAnswer = { status: number; body?: unknown; text?: string | undefined; headers?: Record<string, string> }

export type BeginResult =
  /** Nobody asked before, or it came to nothing: the caller does the work, then keeps or drops what came of it under this fence. */
  | { result: 'begun'; fence: string }
  /** It was asked before, and answered. */
  | { result: 'answered'; answer: KeptAnswer }
  /** Somebody is at it. */
  | { result: 'busy' }
  /** Something else was asked under the same key. */
  | { result: 'different' }

/** First answers to requests with a key. Times are milliseconds since the epoch. */
export type AnswerStore = {
  /**
   * @param request - what is asked, as a hash
   * @param busyUntil - when the work is given up for lost, and somebody else may do it
   */
  begin(key: AnswerKey, request: { hash: string; now: number; busyUntil: number; expiresAt: number }): Promise<BeginResult>
  /** Keeps the answer, unless the work was given up for lost meanwhile. */
  keep(key: AnswerKey, fence: string, answer: KeptAnswer): Promise<void>
  /** Forgets a request that came to nothing. */
  drop(key: AnswerKey, fence: string): Promise<void>
}
