export interface EventQueue<Event> extends AsyncIterableIterator<Event> {
  readonly size: number
  push(event: Event): void
  /** What was pushed is still handed out, then the iteration ends. */
  end(): void
  /** What was pushed is still handed out, then the iteration throws. */
  fail(error: unknown): void
}

/** Hands events from callbacks to one `for await`. `onRead` is called before each wait, `onReturn` when the reader leaves early. */
export function createEventQueue<Event>(onReturn: () => void, onRead: () => void = () => undefined): EventQueue<Event> {
  const events: Event[] = []
  let outcome: 'open' | 'ended' | { error: unknown } = 'open'
  let waiting = Promise.withResolvers<void>()

  function settle(result: 'ended' | { error: unknown }): void {
    if (outcome === 'open') outcome = result
    waiting.resolve()
  }

  return {
    get size() {
      return events.length
    },
    push(event) {
      events.push(event)
      waiting.resolve()
    },
    end: () => settle('ended'),
    fail: (error) => settle({ error }),
    async next() {
      for (;;) {
        const value = events.shift()
        if (value !== undefined) return { value, done: false }
        if (outcome === 'ended') return { value: undefined, done: true }
        if (outcome !== 'open') throw outcome.error
        onRead()
        waiting = Promise.withResolvers()
        await waiting.promise
      }
    },
    async return() {
      events.length = 0
      settle('ended')
      onReturn()
      return { value: undefined, done: true }
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
