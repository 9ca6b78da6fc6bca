import type { IncomingMessage } from 'node:http'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Whether a request was meant for this machine, by its own page or by a tool: no page of another origin, and none whose name was made to lead here
 * (DNS rebinding).
 */
export function isOwnRequest({ headers, socket }: IncomingMessage): boolean {
  const { host = '', origin } = headers
  const address = URL.parse(`http://${host}`)
  if (!address || !LOOPBACK.has(address.hostname) || Number(address.port || 80) !== socket.localPort) return false
  // A browser sets it, and no page can change it (Fetch Metadata Request Headers).
  if (headers['sec-fetch-site'] !== undefined && !['same-origin', 'none'].includes(String(headers['sec-fetch-site'])))
    return false
  return origin === undefined || origin === address.origin
}
