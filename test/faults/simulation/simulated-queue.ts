import { newId } from '#shared/platform/ids.ts'
import type { Random } from '../../../bench/random.ts'
import type { FaultLog } from './fault-log.ts'
import type { VirtualClock } from './virtual-clock.ts'

export type Delivery<Body> = { id: string; body: Body; receives: number }

type Stored<Body> = Delivery<Body> & { visibleAt: number; sentAt: number }

/** A standard queue of SQS as it is on a bad day: twice, late, in any order, and sometimes into the void. */
export type SimulatedQueue<Body> = {
  send(body: Body, delayMs?: number): void
  /** Up to `max` visible messages; they stay hidden for the visibility timeout. */
  receive(max: number): Delivery<Body>[]
  /** Handled: it never comes back. */
  remove(id: string): void
  /** When the next hidden message can be seen; undefined when there is none. */
  nextVisible(): number | undefined
  size(): number
  /** Messages that were received too often, with their bodies. */
  dead: Delivery<Body>[]
}

export type QueueFaults = { duplicated: number; delayed: number; dropped: number }

/**
 * @param faults - probability of each, for one message
 * @param visibilityMs - how long a received message is hidden
 * @param maxReceives - receives after which a message is dead
 */
export function simulatedQueue<Body>(
  { clock, random, log }: { clock: VirtualClock; random: Random; log: FaultLog },
  { faults, visibilityMs, maxReceives = 5 }: { faults: QueueFaults; visibilityMs: number; maxReceives?: number },
): SimulatedQueue<Body> {
  const messages = new Map<string, Stored<Body>>()
  const dead: Delivery<Body>[] = []

  function store(body: Body, delayMs: number): void {
    const id = newId()
    messages.set(id, { id, body, receives: 0, sentAt: clock.now(), visibleAt: clock.now() + delayMs })
  }

  return {
    dead,
    send(body, delayMs = 0) {
      const late = random.chance(faults.delayed)
      if (late) log.add('delivery_delayed')
      store(body, delayMs + (late ? random.below(120_000) : 0))
      if (!random.chance(faults.duplicated)) return
      log.add('delivery_duplicated')
      store(body, delayMs + random.below(60_000))
    },

    receive(max) {
      const visible = [...messages.values()].filter(({ visibleAt }) => visibleAt <= clock.now())
      const taken: Delivery<Body>[] = []
      while (taken.length < max && visible.length > 0) {
        const place = random.below(visible.length)
        const [message] = visible.splice(place, 1)
        if (!message) break
        if (place > 0) log.add('delivery_reordered')
        message.receives += 1
        message.visibleAt = clock.now() + visibilityMs
        if (message.receives > maxReceives) {
          messages.delete(message.id)
          dead.push(message)
          continue
        }
        // The poller took it and was gone before a worker saw it.
        if (random.chance(faults.dropped)) log.add('delivery_dropped')
        else taken.push({ id: message.id, body: message.body, receives: message.receives })
      }
      return taken
    },

    remove: (id) => void messages.delete(id),

    nextVisible() {
      const times = [...messages.values()].map(({ visibleAt }) => visibleAt).filter((time) => time > clock.now())
      return times.length === 0 ? undefined : Math.min(...times)
    },

    size: () => messages.size,
  }
}
