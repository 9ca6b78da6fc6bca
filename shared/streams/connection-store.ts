import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'

export type Connection = {
  connectionId: string
  principal: VerifiedPrincipal
  connectedAt: string
  /** True once `connection_established` was sent. */
  greeted: boolean
}

/** Open sockets and who is behind them. */
export type ConnectionStore = {
  put(connection: Connection): Promise<void>
  get(connectionId: string): Promise<Connection | undefined>
  /** Marks the connection as greeted; true for exactly one caller. */
  greet(connectionId: string): Promise<boolean>
  remove(connectionId: string): Promise<void>
}
