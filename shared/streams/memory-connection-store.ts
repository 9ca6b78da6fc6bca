import type { Connection, ConnectionStore, ConnectionSubscription } from './connection-store.ts'

export function memoryConnectionStore(): ConnectionStore {
  const connections = new Map<string, Connection>()
  const subscriptions = new Map<string, Map<string, ConnectionSubscription>>()
  const name = ({ channel, operation }: { channel: string; operation?: string | undefined }) =>
    JSON.stringify([channel, operation ?? null])
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
    async authenticate(connectionId, principal) {
      const connection = connections.get(connectionId)
      if (!connection) return 'gone'
      const { subject, tenant } = connection.principal ?? principal
      if (subject !== principal.subject || tenant !== principal.tenant) return 'foreign'
      connections.set(connectionId, { ...connection, principal })
      return 'authenticated'
    },
    async remove(connectionId) {
      connections.delete(connectionId)
    },
    async addSubscription(connectionId, subscription) {
      if (!connections.has(connectionId)) return { result: 'gone' }
      const noted = subscriptions.get(connectionId) ?? new Map<string, ConnectionSubscription>()
      const replaced = noted.get(name(subscription))
      subscriptions.set(connectionId, noted.set(name(subscription), subscription))
      return { result: 'added', ...(replaced && { replaced }) }
    },
    async removeSubscription(connectionId, key) {
      const noted = subscriptions.get(connectionId)
      const removed = noted?.get(name(key))
      noted?.delete(name(key))
      return removed
    },
    async subscriptions(connectionId) {
      return [...(subscriptions.get(connectionId)?.values() ?? [])]
    },
  }
}
