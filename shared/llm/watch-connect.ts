import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'

type Watch = { limitMs: number; onTimeUp: () => void; timer: NodeJS.Timeout | undefined; connected: boolean }

const watches = new AsyncLocalStorage<Watch>()

/** Node's `fetch` tells when it dials and when a request goes out on a connection. Source: undici, docs/api/DiagnosticsChannel.md. */
subscribe('undici:client:beforeConnect', () => {
  const watch = watches.getStore()
  if (!watch || watch.connected || watch.timer) return
  watch.timer = setTimeout(watch.onTimeUp, watch.limitMs)
})
subscribe('undici:client:sendHeaders', () => end(watches.getStore()))

function end(watch: Watch | undefined): void {
  if (!watch) return
  watch.connected = true
  clearTimeout(watch.timer)
}

/**
 * Watches what a call does until it has a connection: dialling and TLS count, waiting for an answer does not, and a connection that is kept alive
 * takes no time. Calls that do not go through `fetch` (the AWS SDK's) have a limit of their own. `fetch` itself dials for 10 s at most.
 */
export function watchConnect(limitMs: number, onTimeUp: () => void): { run<Result>(work: () => Result): Result; end(): void } {
  const watch: Watch = { limitMs, onTimeUp, timer: undefined, connected: false }
  return { run: (work) => watches.run(watch, work), end: () => end(watch) }
}
