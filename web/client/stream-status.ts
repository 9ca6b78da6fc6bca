/**
 * How a stream fares:
 * - `idle`: nobody follows it, or its reader has more than it can take
 * - `connecting`: on its way, for the first time or after a loss
 * - `catching-up`: what it missed is being read
 * - `live`: what happens is shown as it happens
 * - `stalled`: silent for longer than an execution should be; its status is being asked
 * - `offline`: the network is gone, or no transport works; attempts go on
 * - `ended`: the terminal event was applied, or it failed
 */
export type StreamStatus = 'idle' | 'connecting' | 'catching-up' | 'live' | 'stalled' | 'offline' | 'ended'

/** Ways on which events come. `tabs`: over the socket of another tab; `none`: they cannot come now. */
export type Transport = 'socket' | 'sse' | 'poll' | 'tabs' | 'none'

/** What became of a channel so far, for a look under the bonnet. */
export interface SubscriptionStats {
  transport: Transport
  /** Gaps that were noticed and closed. */
  gapsHealed: number
  /** Events that came again and were dropped. */
  duplicatesDropped: number
  /** Times it went on from its cursor, after a loss, a silence or on another transport. */
  resumes: number
  /** Frames, parts of an event stream and pages that brought events. */
  frames: number
}

export const NO_STATS: SubscriptionStats = { transport: 'none', gapsHealed: 0, duplicatesDropped: 0, resumes: 0, frames: 0 }
