import { type Client, SluiceClientError } from '../web/client/index.ts'
import type { Output } from './output.ts'

/** Tells a person when the connection is lost and when it is there again. */
export function announceReconnects(client: Client, { isTTY, line, style }: Output): void {
  if (!isTTY) return
  let lost = false
  client.onState((state) => {
    if (state === 'reconnecting' && !lost) line(style('dim', 'connection lost, reconnecting …'))
    if (state === 'open' && lost) line(style('dim', 'connected again'))
    if (state === 'reconnecting' || state === 'open') lost = state === 'reconnecting'
  })
}

/**
 * Aborts when the first attempt to connect fails: the client itself would try for ever, which is right only for a connection that was
 * there.
 */
export function firstConnection(client: Client): AbortSignal {
  const failed = new AbortController()
  let connected = false
  client.onState((state) => {
    if (state === 'open') connected = true
    if (state === 'reconnecting' && !connected) {
      failed.abort(new SluiceClientError('network_error', 'the front door cannot be reached'))
    }
  })
  return failed.signal
}
