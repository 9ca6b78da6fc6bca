import type { ReplyCount } from './counts/counted.ts'
import { type Calls, costOfCalls } from './counts/meter.ts'
import type { FirstFrameParts } from './delays/first-frame-sample.ts'
import type { Delays } from './delays/measure-delays.ts'
import { rounded, type Summary } from './delays/statistics.ts'
import type { HotBundle } from './hot-bundle.ts'
import type { Machine } from './machine.ts'

/** What was measured; what `--only` left out is missing. */
export type Measurements = {
  machine: Machine
  hotBundle: HotBundle
  counts?: { replies: ReplyCount[]; direct: ReplyCount; topicDoor: Calls }
  delays?: { warm: Delays; cold: Delays; instantModel: Delays }
}

type Reply = { postsPerReply: number; costPerReplyUsd: number; callsPerExecution: Calls }

/** The object that `--json` prints. Times are milliseconds, prices US dollars; without further words for one viewer. */
export type BenchResult = Partial<Reply> & {
  machine: Machine
  hotBundleBytes: number
  hotBundleImportMs: number
  /** By number of viewers. */
  viewers?: Record<string, Reply>
  /** A reply whose caller gets it from the function that runs it. */
  direct?: Reply
  postsPerDirectReply?: number
  directCostUsd?: number
  /** What a message adds that comes by a topic instead of by a direct request. */
  topicDoor?: { costUsd: number; calls: Calls }
  /** Accepted request → first frame, without the model, whose first token takes a while. */
  firstFrameMs?: Summary
  coldFirstFrameMs?: Summary
  /** The same with a model that answers at once: the client's subscription counts as well. */
  instantModelFirstFrameMs?: Summary
  barePathMs?: Summary
  coldBarePathMs?: Summary
  /** Median of the first frame over that of the bare path. */
  firstFrameRatio?: number
  /** Medians, `door` and `model` included. */
  firstFrameParts?: FirstFrameParts
  coldFirstFrameParts?: FirstFrameParts
}

export function benchResult({ machine, hotBundle, counts, delays }: Measurements): BenchResult {
  return {
    ...(counts && countsResult(counts)),
    ...(delays && delaysResult(delays)),
    hotBundleBytes: hotBundle.bytes,
    hotBundleImportMs: hotBundle.importMs,
    machine,
  }
}

function countsResult({ replies, direct: directly, topicDoor }: NonNullable<Measurements['counts']>): Partial<BenchResult> {
  const direct = replyOf(directly)
  const viewers = Object.fromEntries(replies.map((reply) => [String(reply.viewers), replyOf(reply)]))
  const shown = { direct, postsPerDirectReply: direct.postsPerReply, directCostUsd: direct.costPerReplyUsd }
  return { ...viewers['1'], viewers, ...shown, topicDoor: { costUsd: dollars(costOfCalls(topicDoor)), calls: topicDoor } }
}

const replyOf = ({ posts, calls }: ReplyCount): Reply => ({
  postsPerReply: posts,
  costPerReplyUsd: dollars(costOfCalls(calls)),
  callsPerExecution: calls,
})

function delaysResult({ warm, cold, instantModel }: NonNullable<Measurements['delays']>): Partial<BenchResult> {
  return {
    firstFrameMs: warm.firstFrame,
    coldFirstFrameMs: cold.firstFrame,
    instantModelFirstFrameMs: instantModel.firstFrame,
    barePathMs: warm.barePath,
    coldBarePathMs: cold.barePath,
    firstFrameRatio: rounded(warm.firstFrame.p50 / warm.barePath.p50),
    firstFrameParts: warm.parts,
    coldFirstFrameParts: cold.parts,
  }
}

/** To a billionth of a dollar: the sums are exact, floating point is not. */
const dollars = (amount: number): number => Math.round(amount * 1e9) / 1e9
