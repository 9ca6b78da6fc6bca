/** What the campaign does to replies and to those who follow them. */
export const FAULT_KINDS = [
  'post_429',
  'post_500',
  'post_410',
  'post_answer_lost',
  'frame_twice',
  'slow_client',
  'socket_cut',
  'socket_half_open',
  'socket_refused',
  'stream_cut',
  'stream_silent',
  'stream_refused',
  'http_429',
  'http_500',
  'http_unreachable',
  'http_answer_lost',
  'delivery_twice',
  'delivery_late',
  'writer_killed',
  'writer_frozen',
  'subscriber_killed',
  'store_throttled',
  'store_answer_lost',
  'model_failed',
  'page_reloaded',
  'cursor_moved_back',
  'subscribed_early',
  'subscribed_late',
  'execution_cancelled',
] as const

export type FaultKind = (typeof FAULT_KINDS)[number]

export type FaultCounts = Record<FaultKind, number>

export const noFaults = (): FaultCounts => Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultCounts

/** Probabilities: of a call, a frame or a connection each, as the group says. High enough that most replies meet several. */
export const ODDS = {
  post: { throttled: 0.04, failed: 0.02, gone: 0.005, answerLost: 0.01, twice: 0.02 },
  http: { throttled: 0.02, failed: 0.02, unreachable: 0.02, answerLost: 0.01 },
  store: { throttled: 0.003, answerLost: 0.0015 },
  queue: { twice: 0.08, late: 0.03 },
  /** Of a worker's invocation. */
  killed: 0.06,
  frozen: 0.04,
  /** Of the invocation that handles a client's frame. */
  subscriberKilled: 0.01,
  modelFails: 0.12,
  cancelled: 0.08,
  reloaded: 0.15,
}
