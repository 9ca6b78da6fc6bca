import type { Random } from '../../random.ts'

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

/** Probabilities: of a call, a frame or a connection each, as the group says. */
export type Odds = {
  post: { throttled: number; failed: number; gone: number; answerLost: number; twice: number }
  http: { throttled: number; failed: number; unreachable: number; answerLost: number }
  store: { throttled: number; answerLost: number }
  queue: { twice: number; late: number }
  /** Of a user: their network is none of the good ones. */
  badNetwork: number
  /** Of a handshake, or of a request for an event stream, over a good network. */
  doorClosed: number
  /** Of a worker's invocation. */
  killed: number
  frozen: number
  /** Of the invocation that handles a client's frame. */
  subscriberKilled: number
  /** Of a model call. */
  modelFails: number
  /** Of a reply. */
  cancelled: number
  /** Of a visit: the page is left and opened again, or has a cursor from another day. */
  reloaded: number
  knowsCursor: number
}

/** High enough that most replies meet several. */
export const ROUGH: Odds = {
  post: { throttled: 0.04, failed: 0.02, gone: 0.005, answerLost: 0.01, twice: 0.02 },
  http: { throttled: 0.02, failed: 0.02, unreachable: 0.02, answerLost: 0.01 },
  store: { throttled: 0.003, answerLost: 0.0015 },
  queue: { twice: 0.08, late: 0.03 },
  badNetwork: 0.85,
  doorClosed: 0.03,
  killed: 0.06,
  frozen: 0.04,
  subscriberKilled: 0.01,
  modelFails: 0.12,
  cancelled: 0.08,
  reloaded: 0.15,
  knowsCursor: 0.2,
}

/** A good day: for self tests, which break one thing only. */
export const CALM: Odds = {
  post: { throttled: 0, failed: 0, gone: 0, answerLost: 0, twice: 0 },
  http: { throttled: 0, failed: 0, unreachable: 0, answerLost: 0 },
  store: { throttled: 0, answerLost: 0 },
  queue: { twice: 0, late: 0 },
  ...{
    badNetwork: 0,
    doorClosed: 0,
    killed: 0,
    frozen: 0,
    subscriberKilled: 0,
    modelFails: 0,
    cancelled: 0,
    reloaded: 0,
    knowsCursor: 0,
  },
}

/** What goes wrong is drawn from here, and counted there. */
export type Chaos = { random: Random; odds: Odds; faults: FaultCounts }
