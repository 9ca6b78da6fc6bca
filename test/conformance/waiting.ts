import { RuleBroken } from './rule.ts'

/** Things that arrive, and somebody who waits for the right one. */
export type Arrivals<Item> = {
  /** Everything so far, in order. */
  readonly items: readonly Item[]
  add(item: Item): void
  /** Nothing will come any more. */
  end(reason: string): void
  /**
   * Waits until what has arrived so far holds what is looked for.
   *
   * @throws RuleBroken when it does not come: at the end, or when the time of the rule is up
   */
  until<Found>(what: string, find: (items: readonly Item[]) => Found | undefined): Promise<Found>
}

/** @param signal - the deadline of all waiting */
export function arrivals<Item>(signal: AbortSignal): Arrivals<Item> {
  const items: Item[] = []
  const watchers = new Set<() => void>()
  let ended: string | undefined
  const wake = () => {
    for (const watcher of watchers) watcher()
  }
  signal.addEventListener('abort', wake)
  return {
    items,
    add(item) {
      items.push(item)
      wake()
    },
    end(reason) {
      ended ??= reason
      wake()
    },
    until(what, find) {
      return new Promise((resolve, reject) => {
        const settle = (done: () => void) => {
          watchers.delete(look)
          done()
        }
        const look = () => {
          try {
            const found = find(items)
            if (found !== undefined) return settle(() => resolve(found))
          } catch (error) {
            return settle(() => reject(error))
          }
          if (ended !== undefined) return settle(() => reject(new RuleBroken(`${what} did not come: ${ended}`)))
          if (signal.aborted) settle(() => reject(new RuleBroken(`${what} did not come in time`)))
        }
        watchers.add(look)
        look()
      })
    },
  }
}
