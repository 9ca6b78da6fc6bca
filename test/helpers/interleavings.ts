/** Lets a test decide which of several concurrent tasks takes its next step. */
export type Gate = {
  /** Wraps the methods of a port: each call becomes a step, made atomically when it is chosen. */
  steps<Port extends object>(port: Port, methods: readonly (keyof Port & string)[]): Port
  /** A step of its own. */
  step<Result>(make: () => Result | Promise<Result>): Promise<Result>
}

type Step = () => void

/**
 * Runs a scenario once for every order in which its steps can happen: depth first over the choices, each run from the start.
 *
 * @param scenario - starts its tasks on the gate and returns a promise that ends when all of them have; it must not use timers
 * @returns how many orders there were
 */
export async function forEveryInterleaving(scenario: (gate: Gate) => Promise<void>): Promise<number> {
  let choices: number[] = []
  let runs = 0
  for (;;) {
    const options = await run(scenario, choices)
    runs += 1
    const last = options.findLastIndex((count, index) => (choices[index] ?? 0) + 1 < count)
    if (last === -1) return runs
    choices = [...options.slice(0, last).map((_, index) => choices[index] ?? 0), (choices[last] ?? 0) + 1]
  }
}

/** One run: at each point it takes the chosen step, the first one behind the end of `choices`. Returns how many steps could be chosen. */
async function run(scenario: (gate: Gate) => Promise<void>, choices: number[]): Promise<number[]> {
  const waiting: Step[] = []
  const options: number[] = []
  let over = false
  const gate: Gate = {
    step: (make) =>
      new Promise((resolve, reject) => {
        waiting.push(() => {
          try {
            Promise.resolve(make()).then(resolve, reject)
          } catch (error) {
            reject(error)
          }
        })
      }),
    steps: (port, methods) => {
      const gated = { ...port }
      for (const method of methods) {
        const call = port[method] as (...parameters: unknown[]) => Promise<unknown>
        gated[method] = ((...parameters: unknown[]) => gate.step(() => call(...parameters))) as (typeof port)[typeof method]
      }
      return gated
    },
  }
  const outcome = scenario(gate).finally(() => {
    over = true
  })
  outcome.catch(() => undefined)
  for (;;) {
    await settle()
    if (over || waiting.length === 0) break
    const choice = choices[options.length] ?? 0
    options.push(waiting.length)
    const [step] = waiting.splice(choice, 1)
    step?.()
  }
  if (!over) throw new Error('the tasks wait for something that is no step')
  await outcome
  return options
}

/** Long enough for every chain of promises to reach its next step. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
