import type { Principal } from '#shared/access/principal.ts'

export type Connection = { connectionId: string; principal: Principal; connectedAt: string }

/** Open sockets and who is behind them. */
export type ConnectionStore = {
  put(connection: Connection): Promise<void>
  get(connectionId: string): Promise<Connection | undefined>
  remove(connectionId: string): Promise<void>
}
