import { type AccessToken, readClaims } from './access-token.ts'
import type { Connection, ConnectionCallbacks } from './connection.ts'
import type { Follow } from './hub.ts'
import { sha256Hex } from './proof.ts'
import type { Timing } from './timing.ts'

export interface SharedConnectionOptions {
  baseUrl: string
  token: AccessToken
  /** Opens the tab's own socket, for when it leads. */
  dial(callbacks: ConnectionCallbacks): Connection
  callbacks: ConnectionCallbacks
  /** Follows a channel on behalf of another tab. */
  follow: Follow
  timing: Timing
}

/** True where tabs can find each other and agree on one that leads. */
export function canShareTabs(): boolean {
  return typeof document !== 'undefined' && typeof BroadcastChannel !== 'undefined' && navigator.locks !== undefined
}

/**
 * A connection that tabs of the same front door, subject, tenant and scopes share. What they need for it is loaded when it is first opened;
 * where that fails, or the token does not say whose it is, the tab has a socket of its own.
 */
export function createSharedConnection(options: SharedConnectionOptions): Connection {
  let connection: Connection | undefined
  let isLoading = false
  let closed = false

  async function start(): Promise<void> {
    isLoading = true
    connection = (await join(options).catch(() => undefined)) ?? options.dial(options.callbacks)
    if (closed) connection.close()
    else connection.open()
  }

  return {
    get transport() {
      return connection?.transport ?? 'socket'
    },
    open() {
      if (connection) connection.open()
      else if (!isLoading) void start()
    },
    send: (frame) => connection?.send(frame) ?? false,
    renew: () => connection?.renew(),
    close() {
      closed = true
      connection?.close()
    },
  }
}

/** Undefined when the token does not say whose it is. */
async function join(options: SharedConnectionOptions): Promise<Connection | undefined> {
  const { sub, tenant, scope } = readClaims(await options.token.get())
  if (sub === undefined) return undefined
  const { createTabConnection } = await import('./tab-connection.ts')
  const parts = [new URL(options.baseUrl).origin, tenant, sub, scope]
  return createTabConnection(`sluice.${await sha256Hex(JSON.stringify(parts))}`, options)
}
