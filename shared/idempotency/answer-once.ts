import type { Clock } from '#shared/platform/clock.ts'
import { ConflictError, SluiceError } from '#shared/platform/errors.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import type { AnswerKey, AnswerStore, KeptAnswer } from './answer-store.ts'

/** How long an answer is given again, in milliseconds. */
const KEEP_MS = 24 * 3_600_000
/** As long as a request can take: whoever is still at it then is not. In milliseconds. */
const BUSY_MS = 30_000
/** Largest answer that is kept, in bytes of JSON: an item of DynamoDB holds 400 KB. */
const MAX_KEPT_BYTES = 350_000

export type AnswerOnceDependencies = { answers: AnswerStore; clock: Clock }

/** A request under a key. */
export type Repeated = {
  key: AnswerKey
  /** What is asked: another `asked` under the same key is a conflict. */
  asked: unknown
  /** Doing it twice comes to the same: then nobody waits for a first one that is at work, or died at it. */
  repeatable?: boolean
}

/**
 * Does something once for a key: who asks for the same again gets the first answer, also when both ask at once (then the second is told to come
 * back). A refusal is not kept, since nothing was done. What is done by work that dies before its answer is kept may be done again.
 *
 * @throws ConflictError, SluiceError `unavailable` while the first is at work, and whatever the work throws
 */
export async function answerOnce(
  { answers, clock }: AnswerOnceDependencies,
  { key, asked, repeatable = false }: Repeated,
  work: () => Promise<KeptAnswer>,
): Promise<{ answer: KeptAnswer; replayed: boolean }> {
  const now = clock.now()
  const hash = sha256(JSON.stringify(asked), 'base64url')
  const begun = await answers.begin(key, { hash, now, busyUntil: now + BUSY_MS, expiresAt: now + KEEP_MS })
  switch (begun.result) {
    case 'answered':
      return { answer: begun.answer, replayed: true }
    case 'different':
      throw new ConflictError('another request was made with the same idempotency key')
    case 'busy':
      if (repeatable) return { answer: await work(), replayed: false }
      throw new SluiceError('unavailable', 'the request with this idempotency key is still worked on', { retryAfterSeconds: 1 })
    case 'begun':
      return { answer: await keep(answers, key, begun.fence, work), replayed: false }
  }
}

async function keep(answers: AnswerStore, key: AnswerKey, fence: string, work: () => Promise<KeptAnswer>): Promise<KeptAnswer> {
  let answer: KeptAnswer
  try {
    answer = await work()
  } catch (error) {
    // The error is the answer; what could not be dropped is given up for lost by itself.
    await answers.drop(key, fence).catch(() => undefined)
    throw error
  }
  const keptOrDropped =
    Buffer.byteLength(JSON.stringify(answer)) <= MAX_KEPT_BYTES ? answers.keep(key, fence, answer) : answers.drop(key, fence)
  // It is done: whoever asked for it gets his answer, whether it can be given again or not.
  await keptOrDropped.catch(() => undefined)
  return answer
}
