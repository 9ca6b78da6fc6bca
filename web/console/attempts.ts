import type { ReactiveController, ReactiveControllerHost } from 'lit'

/**
 * What an element does over the network, one thing after another: whether something is under way, and what went wrong with the last. All of it is
 * given up when the element goes.
 */
export class Attempts implements ReactiveController {
  busy = false
  error: unknown
  #host: ReactiveControllerHost
  #leaving = new AbortController()
  #last = Promise.resolve()

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#leaving = new AbortController()
  }

  hostDisconnected(): void {
    this.#leaving.abort()
  }

  /** @param act - ends when its signal aborts */
  run(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#last = this.#last.then(() => this.#attempt(act))
    return this.#last
  }

  /** Shows what went wrong elsewhere, or takes it away. */
  show(error: unknown): void {
    this.error = error
    this.#host.requestUpdate()
  }

  async #attempt(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#leaving
    if (signal.aborted) return
    this.busy = true
    this.show(undefined)
    try {
      await act(signal)
    } catch (error) {
      if (!signal.aborted) this.error = error
    } finally {
      this.busy = false
      this.#host.requestUpdate()
    }
  }
}
