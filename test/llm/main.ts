/** Asks every provider in every scenario, through its official SDK, against a local server that replays recorded answers. */
import { parseArgs, styleText } from 'node:util'
import { startReplayServer } from '../helpers/replay-server.ts'
import { PROVIDERS } from './providers.ts'
import { runCell, type Verdict } from './run-cell.ts'
import { SCENARIOS } from './scenarios.ts'

const USAGE = `Usage: npm run test:llm -- [--json] [--provider <name>] [--scenario <name>] [--every-boundary]

  --json             one JSON object: {providers, scenarios, passed, inProcess, failed, inapplicable, cells}; use with npm run --silent.
                     inProcess: how many of the passed have no wire, since their provider has none
  --provider <name>  only this one: ${PROVIDERS.map(({ name }) => name).join(', ')}
  --scenario <name>  only this one: ${SCENARIOS.join(', ')}
  --every-boundary   besides byte by byte, every body also in two pieces at each of its boundaries; takes minutes

Exit code: 0 when no cell fails, 1 when one does, 2 when called wrongly.`

function options() {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        provider: { type: 'string' },
        scenario: { type: 'string' },
        'every-boundary': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    return values
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** @returns the exit code */
async function main(): Promise<number> {
  const asked = options()
  if (asked instanceof Error) return wrongly(asked.message)
  if (asked.help) {
    console.log(USAGE)
    return 0
  }
  const providers = PROVIDERS.filter(({ name }) => asked.provider === undefined || name === asked.provider)
  const scenarios = SCENARIOS.filter((name) => asked.scenario === undefined || name === asked.scenario)
  if (providers.length === 0) return wrongly(`there is no provider "${asked.provider}"`)
  if (scenarios.length === 0) return wrongly(`there is no scenario "${asked.scenario}"`)

  const cells: Verdict[] = []
  const server = await startReplayServer()
  try {
    for (const provider of providers) {
      for (const scenario of scenarios) {
        const verdict = await runCell(provider, scenario, server, asked['every-boundary'] ? 'all' : 'ends')
        cells.push(verdict)
        if (!asked.json) console.log(lineOf(verdict))
      }
    }
  } finally {
    await server.close()
  }

  const count = (outcome: Verdict['outcome']): number => cells.filter((cell) => cell.outcome === outcome).length
  const inProcess = cells.filter(({ outcome, wire }) => outcome === 'passed' && !wire).length
  const counts = { passed: count('passed'), inProcess, failed: count('failed'), inapplicable: count('inapplicable') }
  const result = { providers: providers.map(({ name }) => name), scenarios, ...counts, cells }
  if (asked.json) console.log(JSON.stringify(result))
  else {
    const { passed, failed, inapplicable } = counts
    console.log(`\n${passed} passed (${inProcess} of them without a wire), ${failed} failed, ${inapplicable} inapplicable`)
  }
  return counts.failed > 0 ? 1 : 0
}

function wrongly(message: string): number {
  console.error(`${message}\n\n${USAGE}`)
  return 2
}

const MARKS = { passed: styleText('green', '✓'), failed: styleText('red', '✗'), inapplicable: styleText('dim', '–') } as const

function lineOf({ provider, scenario, outcome, reason, deliveries, wire }: Verdict): string {
  const said = outcome !== 'passed' ? (reason ?? '') : wire ? `${deliveries} deliveries` : 'in process: it has no wire'
  return `${MARKS[outcome]} ${provider.padEnd(10)} ${scenario.padEnd(17)} ${said}`
}

process.exitCode = await main()
