import type { StreamEvent } from '#shared/protocol/stream-event.ts'
import { isTerminalEvent } from '#shared/protocol/terminal-events.ts'

/** A stream in memory: its place in the list is an event's sequence. */
export class Log {
  readonly events: StreamEvent[] = []
  readonly #watchers = new Set<() => void>()

  append(event: StreamEvent): void {
    this.events.push(event)
    for (const watcher of this.#watchers) watcher()
  }

  get ended(): boolean {
    return this.events.some(isTerminalEvent)
  }

  /** Batches behind a cursor as they come, until the terminal event. */
  async *follow(after: number, signal: AbortSignal): AsyncGenerator<StreamEvent[]> {
    for (let next = after + 1; !signal.aborted; ) {
      const batch = this.events.slice(next)
      next += batch.length
      if (batch.length > 0) yield batch
      if (this.ended && next >= this.events.length) return
      if (next >= this.events.length) await this.#change(signal)
    }
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#watchers.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      this.#watchers.add(done)
      signal.addEventListener('abort', done)
    })
  }
}
