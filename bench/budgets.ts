import type { BenchResult } from './bench-result.ts'

/** What a release promises; docs/cost.md says why. */
export type Budget = {
  what: string
  max: number
  /** As it is printed: `$0.00018`, `120`, `150 ms`. */
  show(value: number): string
  measured(result: BenchResult): number | undefined
}

const count = (value: number): string => value.toLocaleString('en')
const dollars = (value: number): string => `$${value.toFixed(6)}`
const milliseconds = (value: number): string => `${value.toFixed(1)} ms`

export const BUDGETS: Budget[] = [
  { what: 'posts of a reply to one viewer', max: 60, show: count, measured: (result) => result.postsPerReply },
  { what: 'price of a reply with one viewer', max: 0.0001, show: dollars, measured: (result) => result.costPerReplyUsd },
  { what: 'posts of a direct reply', max: 0, show: count, measured: (result) => result.postsPerDirectReply },
  { what: 'price of a direct reply', max: 0.00003, show: dollars, measured: (result) => result.directCostUsd },
  { what: 'first frame, warm, p50', max: 150, show: milliseconds, measured: (result) => result.firstFrameMs?.p50 },
  { what: 'first frame, warm, p99', max: 500, show: milliseconds, measured: (result) => result.firstFrameMs?.p99 },
  {
    what: 'first frame over the bare path, p50',
    max: 2,
    show: (value) => value.toFixed(1),
    measured: (result) => result.firstFrameRatio,
  },
  { what: 'bytes that the hot path loads', max: 400_000, show: count, measured: (result) => result.hotBundleBytes },
  { what: 'import of the hot path', max: 100, show: milliseconds, measured: (result) => result.hotBundleImportMs },
]

/** Budgets that were measured and are exceeded. */
export const exceeded = (result: BenchResult): Budget[] =>
  BUDGETS.filter(({ max, measured }) => (measured(result) ?? Number.NEGATIVE_INFINITY) > max)
