/** Everything that must hold before a commit, apart from the tests. One line a step; the output of failed ones. */
import { run } from './run.ts'

type Step = { name: string; command: string; args: string[] }

const step = (name: string, command: string, ...args: string[]): Step => ({ name, command, args })

/** Two lanes run side by side; inside a lane a step may need what the one before made. */
const LANES: Step[][] = [
  [step('synth', 'node', 'infra/every-stage.ts'), step('bundle sizes', 'node', 'scripts/bundle-sizes.ts')],
  [
    step('format, lint', 'biome', 'check', '--error-on-warnings', '.'),
    step('types', 'tsc'),
    step('unused code', 'knip', '--no-progress'),
  ],
]

/** @returns whether every step of the lane passed */
async function runLane(steps: Step[]): Promise<boolean> {
  let passed = true
  for (const { name, command, args } of steps) {
    const { code, output, seconds } = await run(command, args, { limitSeconds: 240 })
    const verdict = code === 0 ? 'ok' : 'failed'
    console.log(`${name.padEnd(14)}${verdict.padEnd(8)}${seconds.toFixed(1).padStart(5)} s`)
    if (code !== 0) console.log(output.trimEnd())
    passed &&= code === 0
  }
  return passed
}

const began = performance.now()
const passed = (await Promise.all(LANES.map(runLane))).every(Boolean)
console.log(
  `${'check'.padEnd(14)}${(passed ? 'ok' : 'failed').padEnd(8)}${((performance.now() - began) / 1_000).toFixed(1).padStart(5)} s`,
)
process.exitCode = passed ? 0 : 1
