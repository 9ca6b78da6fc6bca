import type { Rate } from './bucket.ts'

export type BucketKey = { pk: string; sk: string }

export type TakeRequest = {
  rate: Rate
  /** Milliseconds since the epoch. */
  now: number
  /** Taken all or none. @default 1 */
  requests?: number | undefined
  /** `wholeAt` as this caller saw it last. It only grows, so it saves a write that could not succeed. */
  known?: number | undefined
}

/** `wholeAt` as it is after the request; see {@link Terms}. */
export type TakeResult = { result: 'taken' | 'empty'; wholeAt: number } | { result: 'closed' }

/** Token buckets that all containers share. */
export type BucketStore = {
  /** Exact: however many ask at once, no more fit than the rate says. */
  take(key: BucketKey, request: TakeRequest): Promise<TakeResult>
  /** `wholeAt` of a bucket; undefined when nothing was taken from it lately. Nothing is taken. */
  peek(key: BucketKey): Promise<number | undefined>
}
