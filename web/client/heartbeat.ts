import type { Timing } from './timing.ts'

export interface Heartbeat {
  /** A frame arrived: the socket lives. */
  beat(): void
  /** Pings now, for instance when the page becomes visible again. */
  probe(): void
  stop(): void
}

/** Pings every `pingMs`; calls `onDead` when no frame follows a ping within `pongMs`. */
export function startHeartbeat(ping: () => void, onDead: () => void, { pingMs, pongMs }: Timing): Heartbeat {
  let deadline: ReturnType<typeof setTimeout> | undefined
  const interval = setInterval(probe, pingMs)

  function probe(): void {
    if (deadline !== undefined) return
    ping()
    deadline = setTimeout(onDead, pongMs)
  }

  function beat(): void {
    clearTimeout(deadline)
    deadline = undefined
  }

  return {
    beat,
    probe,
    stop() {
      clearInterval(interval)
      beat()
    },
  }
}
