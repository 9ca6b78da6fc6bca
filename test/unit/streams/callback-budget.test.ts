import { describe, expect, it, vi } from 'vitest'
import { callbackBudget, MAX_STEPS, RAISE_EVERY_MS, READ_EVERY_MS, STEP_MS } from '#shared/streams/callback-budget.ts'
import { memoryCallbackBudgetStore } from '#shared/streams/memory-callback-budget-store.ts'

/** Containers of one account. */
function account() {
  let now = 1_000_000
  const store = memoryCallbackBudgetStore()
  const [read, replace] = [vi.spyOn(store, 'read'), vi.spyOn(store, 'replace')]
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return {
    store,
    read,
    replace,
    container: () => callbackBudget(store, { now: () => now }),
    async pass(milliseconds: number) {
      await turn()
      now += milliseconds
      await turn()
    },
    /** What a container knows once it has looked. */
    async known(budget: ReturnType<typeof callbackBudget>): Promise<number> {
      budget.pressure()
      await turn()
      return budget.pressure()
    },
  }
}

describe('callbackBudget', () => {
  it('slows down every container when one meets the limit', async () => {
    const { container, known, pass } = account()
    const [one, other] = [container(), container()]
    expect(await known(other)).toBe(0)

    one.throttled()
    expect(one.pressure()).toBe(1)
    await pass(READ_EVERY_MS)

    expect(await known(other)).toBeCloseTo(1 - READ_EVERY_MS / STEP_MS)
  })

  it('adds up what containers meet, one step a second, up to the most', async () => {
    const { container, known, pass, replace } = account()
    const containers = Array.from({ length: 10 }, container)
    for (let second = 0; second < 10; second++) {
      for (const budget of containers) budget.throttled()
      await pass(RAISE_EVERY_MS)
    }

    expect(await known(container())).toBeGreaterThan(MAX_STEPS - 1)
    expect(await known(container())).toBeLessThanOrEqual(MAX_STEPS)
    // All ask at the same moment, and one of them is heard.
    expect(replace.mock.calls.length).toBeLessThanOrEqual(10 * containers.length)
  })

  it('forgets with time', async () => {
    const { container, known, pass } = account()
    const budget = container()
    budget.throttled()
    await pass(STEP_MS / 2)
    expect(await known(budget)).toBeCloseTo(0.5)

    await pass(STEP_MS)

    expect(await known(budget)).toBe(0)
    expect(await known(container())).toBe(0)
  })

  it('reads every two seconds at the most, and writes nothing while all is well', async () => {
    const { container, pass, read, replace } = account()
    const budget = container()

    for (let flush = 0; flush < 40; flush++) {
      budget.pressure()
      await pass(250)
    }

    expect(read).toHaveBeenCalledTimes(5)
    expect(replace).not.toHaveBeenCalled()
  })

  it('asks the others once a second at the most, however many posts are refused', async () => {
    const { container, pass, read } = account()
    const budget = container()

    for (let post = 0; post < 100; post++) budget.throttled()
    await pass(RAISE_EVERY_MS)
    budget.throttled()
    await pass(1)

    expect(read).toHaveBeenCalledTimes(2)
  })

  it('goes on with what it knows when the store cannot be asked', async () => {
    const { container, known, read } = account()
    read.mockRejectedValue(new Error('the table throttles'))
    const budget = container()

    budget.throttled()

    expect(await known(budget)).toBe(1)
  })
})
