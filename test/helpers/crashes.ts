/** What a test throws in the place of a process that ends. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

export type Crasher = {
  /** Wraps the methods of a port: each call is a step after which the process may end. */
  steps<Port extends object>(port: Port, methods: readonly (keyof Port & string)[]): Port
  /** Runs the task up to its crash. Other errors pass. */
  run(task: () => Promise<unknown>): Promise<'done' | 'crashed'>
}

/**
 * Runs a scenario once for each step of its task, and lets the task end right after that step: what the step wrote stands, nothing follows.
 * The last run is the one without a crash.
 *
 * @returns after how many steps it crashed
 */
export async function forEveryCrash(scenario: (crasher: Crasher) => Promise<void>): Promise<number> {
  for (let last = 1; ; last++) {
    let [step, crashed] = [0, false]
    const crasher: Crasher = {
      steps: (port, methods) =>
        aroundCalls(port, methods, async (call) => {
          if (crashed) throw new Crash()
          const result = await call()
          step += 1
          // Never back again: what ran beside the last step ends as well.
          crashed ||= step === last
          if (crashed) throw new Crash()
          return result
        }),
      async run(task) {
        try {
          await task()
          return 'done'
        } catch (error) {
          if (!(error instanceof Crash)) throw error
          return 'crashed'
        }
      },
    }
    await scenario(crasher)
    if (!crashed) return last - 1
  }
}

/**
 * Runs a scenario once for each step of its task, and has something happen right after that step; then the task goes on.
 * In the last run nothing happens.
 *
 * @returns after how many steps it happened
 */
export async function forEveryStep(
  scenario: (interruptedBy: (happens: () => Promise<unknown>) => Pick<Crasher, 'steps'>) => Promise<void>,
): Promise<number> {
  for (let last = 1; ; last++) {
    let step = 0
    await scenario((happens) => ({
      steps: (port, methods) =>
        aroundCalls(port, methods, async (call) => {
          const result = await call()
          step += 1
          if (step === last) await happens()
          return result
        }),
    }))
    if (step < last) return last - 1
  }
}

/** A port of which every call of some methods is made by somebody else. */
export function aroundCalls<Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  around: (call: () => Promise<unknown>) => Promise<unknown>,
): Port {
  const wrapped = { ...port }
  for (const method of methods) {
    const call = port[method] as (...parameters: unknown[]) => Promise<unknown>
    wrapped[method] = ((...parameters: unknown[]) => around(() => call(...parameters))) as (typeof port)[typeof method]
  }
  return wrapped
}
