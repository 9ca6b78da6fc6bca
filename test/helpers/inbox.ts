export interface Inbox<Item> {
  put(item: Item): void
  /** The next item, now or when it comes; the deadline is the test's. */
  take(): Promise<Item>
}

/** Lets a test wait on messages instead of on time. */
export function createInbox<Item>(): Inbox<Item> {
  const items: Item[] = []
  const takers: ((item: Item) => void)[] = []
  return {
    put(item) {
      const taker = takers.shift()
      if (taker) taker(item)
      else items.push(item)
    },
    take() {
      const item = items.shift()
      return item === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(item)
    },
  }
}
