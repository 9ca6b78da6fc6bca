import type { Measurements } from '../../bench/bench-result.ts'
import type { ReplyCount } from '../../bench/counts/counted.ts'
import type { Delays } from '../../bench/delays/measure-delays.ts'

/** A measurement without anything that `--only` can leave out. */
export const BARE_MEASUREMENTS: Measurements = {
  machine: { cpu: 'Abacus', cores: 2, memoryGb: 4, system: 'linux arm64', node: 'v24.0.0', emulator: 'MiniStack 1' },
  hotBundle: { bytes: 390_000, importMs: 80 },
}

const reply = (viewers: number, posts: number): ReplyCount => ({
  viewers,
  posts,
  runMs: 10_000,
  calls: { 'API Gateway': { PostToConnection: { calls: posts, units: { socketMessages: posts } } } },
})

function delays(firstFrameMs: number, barePathMs: number): Delays {
  const summary = (value: number) => ({ p50: value, p99: value, samples: 30 })
  return {
    firstFrame: summary(firstFrameMs),
    fromRequest: summary(firstFrameMs),
    barePath: summary(barePathMs),
    parts: { door: 1, queue: 2, start: 3, model: 4, log: 5, post: 6 },
  }
}

/** Within every budget, unless told otherwise. */
export function measurements({ posts = 44, firstFrameMs = 60, barePathMs = 40 } = {}): Measurements {
  const measured = delays(firstFrameMs, barePathMs)
  return {
    ...BARE_MEASUREMENTS,
    counts: { replies: [reply(0, 0), reply(1, posts)], direct: reply(0, 0), topicDoor: {} },
    delays: { warm: measured, cold: measured, instantModel: measured },
  }
}
