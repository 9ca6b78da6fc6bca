/**
 * The long form of the simulation.
 *
 *   npm run test:faults -- --executions 10000 --seed 7
 *   npm run --silent test:faults -- --json
 */
import { parseArgs } from 'node:util'
import { simulate } from './simulation/simulate.ts'

const HELP = `Usage: npm run test:faults -- [options]

Asks for executions while everything breaks, and counts what was lost, done twice or left standing.

  --executions N   how many (default 10000)
  --seed S         draws the same faults again (default: a random one)
  --json           print one object and nothing else`

const { values } = parseArgs({
  options: {
    executions: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

/** A whole number from the command line. */
function whole(name: 'executions' | 'seed', smallest: number): number {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value >= smallest) return value
  console.error(`--${name} ${values[name]}: use a whole number from ${smallest}`)
  process.exit(2)
}

if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const [executions, seed] = [whole('executions', 1), whole('seed', 0)]
let shown = 0
const result = await simulate({
  executions,
  seed,
  onProgress(asked, ended) {
    if (values.json || Date.now() - shown < 1_000) return
    shown = Date.now()
    process.stderr.write(`\r${asked} asked for, ${ended} ended `)
  },
})
const { verdict, ...counts } = result
if (values.json) console.log(JSON.stringify(counts))
else {
  process.stderr.write('\n')
  console.table(Object.fromEntries(Object.entries(counts.faults).map(([kind, times]) => [kind, { 'times injected': times }])))
  const { lost, duplicated, stuck, simulatedSeconds } = counts
  console.log(
    `${counts.executions} executions, seed ${seed}, ${simulatedSeconds} s of simulated time: ${JSON.stringify(counts.endings)}`,
  )
  console.log(`lost ${lost}, duplicated ${duplicated}, stuck ${stuck}`)
}
const problems = [...verdict.lost, ...verdict.duplicated, ...verdict.stuck]
for (const problem of problems.slice(0, 50)) console.error(problem)
// Workers that were killed leave timers behind; nothing waits for them.
process.exit(problems.length > 0 ? 1 : 0)
