import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'

type Watch = { limitMs: number; onTimeUp: () => void; timer: NodeJS.Timeout | undefined; connected: boolean }

const watches = new AsyncLocalStorage<Watch>()

/** Node's `fetch` announces when it opens a connection and when it sends a request on one. Source: undici, docs/api/DiagnosticsChannel.md. */
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
 * Limits the time that a call takes to get a connection. DNS, TCP and TLS count; waiting for the answer does not; a reused connection takes no
 * time. Calls that bypass `fetch` (the AWS SDK's) need a limit of their own. `fetch` itself gives up after 10 s.
 */
export function watchConnect(limitMs: number, onTimeUp: () => void): { run<Result>(work: () => Result): Result; end(): void } {
  const watch: Watch = { limitMs, onTimeUp, timer: undefined, connected: false }
  return { run: (work) => watches.run(watch, work), end: () => end(watch) }
}
