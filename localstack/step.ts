/** One part of the start: what it needs, and what it gives to the steps that need it. */
export type Step<Result> = {
  title: string
  /** Settles when everything it needs is there and its own work begins. */
  ready(): Promise<void>
  /** Does the work, once, after everything it needs; every call gives the same promise. */
  run(): Promise<Result>
  /** Settles when no work of it is under way; at once when none has begun. */
  settled(): Promise<void>
  /** Duration of its own work in seconds, once it is done. */
  seconds(): number
}

type ResultsOf<Needs extends readonly Step<unknown>[]> = {
  [Index in keyof Needs]: Needs[Index] extends Step<infer Result> ? Result : never
}

/**
 * Declares a step. Steps form a graph by what they need: independent ones run at the same time, and one that fails takes those that
 * need it along.
 */
export function step<const Needs extends readonly Step<unknown>[], Result>(
  title: string,
  needs: Needs,
  work: (...results: ResultsOf<Needs>) => Result | Promise<Result>,
): Step<Result> {
  let needed: Promise<ResultsOf<Needs>> | undefined
  let running: Promise<Result> | undefined
  let seconds = 0

  const gather = () => (needed ??= Promise.all(needs.map((need) => need.run())) as Promise<ResultsOf<Needs>>)
  const execute = async () => {
    const results = await gather()
    const began = performance.now()
    const result = await work(...results)
    seconds = (performance.now() - began) / 1_000
    return result
  }
  return {
    title,
    ready: async () => {
      await gather()
    },
    run: () => (running ??= execute()),
    settled: async () => {
      await Promise.allSettled([running])
    },
    seconds: () => seconds,
  }
}
