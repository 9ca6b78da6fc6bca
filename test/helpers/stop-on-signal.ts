import type { TestProject } from 'vitest/node'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Global setup of every layer: whoever stops a run also stops the servers that its setups started. Vitest by itself leaves at once,
 * without a teardown. A second signal ends it at once all the same.
 */
export default function setup({ vitest }: TestProject): () => void {
  const stop = () => {
    void vitest
      .cancelCurrentRun('keyboard-input')
      .then(() => vitest.close())
      .finally(() => process.exit(143))
  }
  for (const signal of SIGNALS) process.removeAllListeners(signal).once(signal, stop)
  return () => {
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}
