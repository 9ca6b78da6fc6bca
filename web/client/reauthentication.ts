import type { ClientFrame, ServerFrame } from '#shared/protocol/socket-frame.ts'
import type { Timing } from './timing.ts'

export interface ReauthenticationOptions {
  /** When the token ends that the socket was opened with, in milliseconds since the epoch. */
  expiresAt: number
  /** A ticket of a fresh token; undefined when there is none to be had now. */
  freshTicket(): Promise<string | undefined>
  send(frame: ClientFrame): boolean
  /** The server does not take it: the socket must be replaced. */
  onRefused(): void
  timing: Timing
}

export interface Reauthentication {
  handle(frame: ServerFrame): void
  stop(): void
}

const FRAME_ID = 'authenticate'
/** Shortest pause between two attempts, in milliseconds. */
const MIN_PAUSE_MS = 1_000
/** Timers take no more. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Shows a live socket a new ticket before the token ends, so that its streams go on without a gap. */
export function keepAuthenticated(options: ReauthenticationOptions): Reauthentication {
  const { freshTicket, send, onRefused, timing } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  function schedule(expiresAt: number): void {
    const left = expiresAt - Date.now()
    // What ended meanwhile is the server's to close; the next socket brings another token.
    if (left <= 0) return
    const lead = Math.min(timing.renewalMs, left / 5)
    timer = setTimeout(() => void renew(expiresAt), Math.min(Math.max(left - lead, MIN_PAUSE_MS), MAX_TIMER_MS))
  }

  async function renew(expiresAt: number): Promise<void> {
    const ticket = await freshTicket()
    if (stopped) return
    if (ticket === undefined) schedule(expiresAt)
    else send({ message_type: 'authenticate', id: FRAME_ID, payload: { ticket } })
  }

  schedule(options.expiresAt)
  return {
    handle(frame) {
      if (frame.message_type === 'authenticated') schedule(Date.parse(frame.payload.expiresAt))
      else if (frame.message_type === 'error' && frame.response_to === FRAME_ID) onRefused()
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
