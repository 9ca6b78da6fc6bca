import type { Connection, ConnectionStore } from './connection-store.ts'

export function memoryConnectionStore(): ConnectionStore {
  const connections = new Map<string, Connection>()
  return {
    async put(connection) {
      connections.set(connection.connectionId, connection)
    },
    async get(connectionId) {
      return connections.get(connectionId)
    },
    async greet(connectionId) {
      const connection = connections.get(connectionId)
      if (!connection || connection.greeted) return false
      connections.set(connectionId, { ...connection, greeted: true })
      return true
    },
    async remove(connectionId) {
      connections.delete(connectionId)
    },
  }
}
