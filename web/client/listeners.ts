import { pacedText } from './paced-text.ts'
import type { StreamStatus } from './stream-status.ts'

/** What a stream tells by callbacks. A frame of the network calls each of them once at the most, however many events it brought. */
export interface StreamListeners<Event, Result = never> {
  /** The whole text so far, previews included; paced, unless the stream is made with `pacing: false`. */
  text?(text: string): void
  /** The next events, in order, each once. */
  events?(events: readonly Event[]): void
  status?(status: StreamStatus): void
  /** The verified result, once {@link text} has shown all of it. */
  done?(result: Result): void
  error?(error: unknown): void
}

export interface Listeners<Event, Result> {
  /** @param text - what there is so far. Returns how to remove the listener */
  add(listener: StreamListeners<Event, Result>, text: string, pacing: boolean): () => void
  /** As {@link tellEach} does. */
  tell(action: (listener: StreamListeners<Event, Result>) => void): void
}

/** What a listener throws is its own: it goes to the page, and the others are told all the same. */
export function tellEach<Listener>(listeners: Iterable<Listener>, action: (listener: Listener) => void): void {
  for (const listener of [...listeners]) {
    try {
      action(listener)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }
}

export function createListeners<Event, Result>(): Listeners<Event, Result> {
  const added = new Set<StreamListeners<Event, Result>>()
  return {
    add(listener, text, pacing) {
      const { paced, stop } = withPacing(listener, text, pacing)
      added.add(paced)
      return () => {
        added.delete(paced)
        stop()
      }
    },
    tell: (action) => tellEach(added, action),
  }
}

function withPacing<Event, Result>(
  listener: StreamListeners<Event, Result>,
  initial: string,
  pacing: boolean,
): { paced: StreamListeners<Event, Result>; stop(): void } {
  let result: [Result] | undefined
  const text = pacedText(
    () => {
      listener.text?.(text.shown)
      finish()
    },
    { initial, pacing: pacing && listener.text !== undefined },
  )

  function finish(): void {
    if (!result || !text.isWhole) return
    const [value] = result
    result = undefined
    listener.done?.(value)
  }

  const paced: StreamListeners<Event, Result> = {
    text: text.set,
    events: (events) => listener.events?.(events),
    status: (status) => listener.status?.(status),
    done(value) {
      result = [value]
      finish()
    },
    error: (error) => listener.error?.(error),
  }
  return { paced, stop: text.stop }
}
