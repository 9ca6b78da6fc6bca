import type { ConnectionState } from './connection.ts'
import { tellEach } from './listeners.ts'
import type { Transport } from './stream-status.ts'

export interface ConnectionStatus {
  state: ConnectionState
  /** How events come now. */
  transport: Transport
}

/** The connection as a page may show it. */
export interface ConnectionInfo extends ConnectionStatus {
  /** When the state or the transport became what it is, in milliseconds since the epoch. */
  since: number
  /** How often a connection was there again after it had been lost. */
  reconnects: number
}

export interface ConnectionMonitor extends Readonly<ConnectionInfo> {
  /** Calls back with each change; returns how to stop. */
  onChange(callback: (info: ConnectionInfo) => void): () => void
}

/** Remembers what the connection is, and since when. */
export function createConnectionMonitor(): { monitor: ConnectionMonitor; show(status: ConnectionStatus): void } {
  const listeners = new Set<(info: ConnectionInfo) => void>()
  const info: ConnectionInfo = { state: 'closed', transport: 'none', since: Date.now(), reconnects: 0 }
  const monitor = Object.assign(info, {
    onChange(callback: (info: ConnectionInfo) => void) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  })
  let wasLost = false

  return {
    monitor,
    show({ state, transport }) {
      if (state === info.state && transport === info.transport) return
      if (state === 'open' && wasLost) info.reconnects += 1
      wasLost = state === 'reconnecting' || (wasLost && state !== 'open')
      Object.assign(info, { state, transport, since: Date.now() })
      tellEach(listeners, (listener) => listener(info))
    },
  }
}
