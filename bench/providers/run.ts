/** What an agent's provider costs the function `execute` when it is first asked: bytes that are loaded on demand, and the time of their import. */
import { parseArgs } from 'node:util'
import { table } from '../report/table.ts'
import { type MeasuredProvider, measureProviders } from './measure-providers.ts'

const USAGE = `Usage: npm run bench:providers -- [options]

  --runs <n>  imports of each provider, every one in a process of its own (9)
  --json      prints one JSON object instead of the table
  --help      shows this

Needs a synth before it (npm run synth). Takes about half a minute.`

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '9' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const runs = Number(values.runs)
if (values.help) console.log(USAGE)
else if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs "${values.runs}": use a whole number from 1\n\n${USAGE}`)
  process.exitCode = 2
} else {
  const { startBytes, providers } = await measureProviders(runs)
  if (values.json) console.log(JSON.stringify({ runs, startBytes, providers }))
  else report(startBytes, providers)
}

function report(startBytes: number, providers: MeasuredProvider[]): void {
  const bytes = (count: number) => count.toLocaleString('en')
  console.log(`execute loads ${bytes(startBytes)} B at its start, and with the first call of a model of\n`)
  console.log(
    table([
      ['provider', 'bytes', 'import, ms', 'slowest, ms', 'to openai'],
      ...providers.map(({ provider, bytes: size, importMs, slowestMs, toOpenai }) => [
        provider,
        bytes(size),
        importMs.toFixed(1),
        slowestMs.toFixed(1),
        toOpenai.toFixed(2),
      ]),
    ]),
  )
}
