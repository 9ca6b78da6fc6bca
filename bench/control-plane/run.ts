/**
 * How long lists and single reads of the API take, and what they consume, with few and with many agents and executions in the tables: the
 * function `http` in this process, on DynamoDB Local.
 */
import { parseArgs } from 'node:util'
import { table } from '../report/table.ts'
import { type Measured, measure } from './measure.ts'

const USAGE = `Usage: npm run bench:control-plane -- [options]

  --sizes <list>   numbers of agents, and of executions, to measure with (10,1000,100000)
  --samples <n>    calls of each kind (200)
  --json           prints one JSON object instead of the tables
  --help           shows this

Needs Java and Maven, for DynamoDB Local. Takes about four minutes.`

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,1000,100000' },
    samples: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else await run(values.sizes.split(',').map(Number), Number(values.samples), values.json)

async function run(sizes: number[], samples: number, json: boolean): Promise<void> {
  const measured: Measured[] = []
  for (const size of sizes) {
    if (!json) console.log(`${size.toLocaleString('en')} agents and executions …`)
    measured.push(...(await measure(size, samples)))
  }
  if (json) console.log(JSON.stringify({ samples, measured }))
  else report(sizes, measured)
}

function report(sizes: number[], measured: Measured[]): void {
  const names = [...new Set(measured.map(({ name }) => name))]
  const of = (name: string, size: number) => measured.find((one) => one.name === name && one.size === size)
  const head = sizes.map((size) => size.toLocaleString('en'))
  console.log(`\nMilliseconds, p50 / p99, by numbers of agents and executions\n`)
  console.log(
    table([
      ['', ...head],
      ...names.map((name) => [name, ...sizes.map((size) => `${of(name, size)?.p50} / ${of(name, size)?.p99}`)]),
    ]),
  )
  console.log(`\nRead units and write units of one call\n`)
  console.log(
    table([
      ['', ...head],
      ...names.map((name) => [name, ...sizes.map((size) => `${of(name, size)?.readUnits} + ${of(name, size)?.writeUnits}`)]),
    ]),
  )
}
