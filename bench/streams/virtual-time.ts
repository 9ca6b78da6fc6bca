/**
 * Time that goes on when nobody has anything left to do: an hour of leases, back-offs and silence passes in seconds, and the same work takes
 * the same time on every machine. The clock, the timers and the randomness of this process are replaced for as long as the work runs, so code
 * that waits in its usual way (`setTimeout`, `AbortSignal.timeout`, `Date.now`, `performance.now`) needs to know nothing of it.
 */

/** Work that takes no time of its own (hashes, signatures) is waited for before the clock goes on. */
const CRYPTO = ['digest', 'importKey', 'sign', 'verify'] as const

/** Looks at an idle world, with pauses of real time in between, before it counts as stuck: a module may still be loading. */
const IDLE_LOOKS = 200

type Timer = { at: number; order: number; every: number | undefined; call: () => void; active: boolean; delay: number }

const real = { setImmediate, setTimeout }

/** Lets every chain of promises go on to its next wait. */
const settle = (): Promise<void> => new Promise((resolve) => real.setImmediate(resolve))

/**
 * Runs the work in a time of its own, in which only timers and cryptography take place. Timers that are left at its end never fire.
 *
 * @param random - takes the place of `Math.random`
 * @throws Error when the work waits for something that is no timer
 */
export async function inVirtualTime<Result>(
  { start, random }: { start: number; random: () => number },
  work: () => Promise<Result>,
): Promise<Result> {
  const timers = timerHeap()
  let now = start
  let order = 0
  let computing = 0
  let turn: Promise<unknown> = Promise.resolve()

  function add(call: () => void, delay = 0, every?: number): object {
    const timer: Timer = { at: 0, order: 0, every, call, active: false, delay: Math.max(1, delay || 0) }
    const arm = (): void => {
      // A timer that is armed already is left behind in the heap, and a fresh one takes its place.
      Object.assign(timer, { at: now + timer.delay, order: order++, active: true })
      timers.push(timer, timer.order)
    }
    arm()
    const handle = {
      timer,
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => {
        arm()
        return handle
      },
    }
    return handle
  }

  const clear = (handle: unknown): void => {
    if (typeof handle === 'object' && handle !== null && 'timer' in handle) (handle.timer as Timer).active = false
  }

  /** Results come in the order in which they were asked for, so that a run can be repeated. */
  function compute<Value>(value: Promise<Value>): Promise<Value> {
    computing += 1
    const before = turn
    const result = Promise.allSettled([before, value]).then(() => value)
    turn = result
      .catch(() => undefined)
      .finally(() => {
        computing -= 1
      })
    return result
  }

  class VirtualDate extends Date {
    constructor(...parameters: ConstructorParameters<typeof Date> | []) {
      if (parameters.length === 0) super(now)
      else super(...parameters)
    }
    static override now(): number {
      return now
    }
  }

  const subtle = Object.fromEntries(
    CRYPTO.map((name) => {
      const call = crypto.subtle[name].bind(crypto.subtle) as (...parameters: unknown[]) => Promise<unknown>
      return [name, (...parameters: unknown[]) => compute(call(...parameters))]
    }),
  )
  const restore = [
    replace(globalThis, {
      setTimeout: (call: (...values: unknown[]) => void, delay?: number, ...values: unknown[]) =>
        add(() => call(...values), delay),
      setInterval: (call: (...values: unknown[]) => void, delay?: number, ...values: unknown[]) =>
        add(() => call(...values), delay, delay),
      clearTimeout: clear,
      clearInterval: clear,
      Date: VirtualDate,
    }),
    replace(performance, { now: () => now - start }),
    replace(Math, { random }),
    replace(crypto.subtle, subtle),
    replace(AbortSignal, {
      timeout(milliseconds: number) {
        const controller = new AbortController()
        add(() => controller.abort(new DOMException('the time is up', 'TimeoutError')), milliseconds)
        return controller.signal
      },
    }),
  ]
  let over = false
  const outcome = work().finally(() => {
    over = true
  })
  outcome.catch(() => undefined)
  try {
    for (let idle = 0; ; ) {
      await settle()
      while (computing > 0) await settle()
      if (over) return await outcome
      const next = timers.pop()
      if (next) {
        idle = 0
        now = Math.max(now, next.at)
        fire(next)
      } else {
        if (++idle > IDLE_LOOKS) throw new Error('the work waits for something that never comes')
        await new Promise((resolve) => real.setTimeout(resolve, 1))
      }
    }
  } finally {
    for (const undo of restore) undo()
  }

  function fire(timer: Timer): void {
    timer.active = false
    if (timer.every !== undefined) {
      Object.assign(timer, { at: now + timer.delay, order: order++, active: true })
      timers.push(timer, timer.order)
    }
    timer.call()
  }
}

/** Replaces properties; returns their undoing. */
function replace(target: object, values: Record<string, unknown>): () => void {
  const before = new Map(Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(target, name)]))
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: true })
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(target, name, descriptor)
      else Reflect.deleteProperty(target, name)
    }
  }
}

type Entry = { at: number; order: number; timer: Timer }

/** Timers by their time, those of one time in the order in which they were set: a binary heap. What was cleared or set anew is skipped. */
function timerHeap(): { push(timer: Timer, order: number): void; pop(): Timer | undefined } {
  const heap: Entry[] = []
  const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
  const at = (index: number): Entry => heap[index] as Entry
  const swap = (a: number, b: number): void => {
    ;[heap[a], heap[b]] = [at(b), at(a)]
  }

  function up(index: number): void {
    for (let parent = (index - 1) >> 1; index > 0 && before(at(index), at(parent)); parent = (index - 1) >> 1) {
      swap(index, parent)
      index = parent
    }
  }

  function down(index: number): void {
    for (;;) {
      const [left, right] = [2 * index + 1, 2 * index + 2]
      let first = index
      if (left < heap.length && before(at(left), at(first))) first = left
      if (right < heap.length && before(at(right), at(first))) first = right
      if (first === index) return
      swap(index, first)
      index = first
    }
  }

  function take(): Entry | undefined {
    const [top] = heap
    const last = heap.pop()
    if (top && last && top !== last) {
      heap[0] = last
      down(0)
    }
    return top
  }

  return {
    push(timer, order) {
      heap.push({ at: timer.at, order, timer })
      up(heap.length - 1)
    },
    pop() {
      for (let entry = take(); entry; entry = take()) {
        if (entry.timer.active && entry.timer.order === entry.order) return entry.timer
      }
      return undefined
    },
  }
}
