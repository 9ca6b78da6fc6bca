/**
 * Runs the test layers and ends with one line that counts them all. Tests of the deployed app mostly wait, so they run beside all the others, on two
 * clouds: on one of them services fail and workers are killed. What runs beside the first lane is shown layer by layer, as each ends.
 *
 *   node scripts/test.ts                    every layer
 *   node scripts/test.ts unit               one layer
 *   node scripts/test.ts coverage           the units again, with what they cover and its thresholds
 *   node scripts/test.ts unit -t handover   the rest of the arguments goes to Vitest
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './ensure-chromium.ts'
import { run } from './run.ts'

/** `failures` names what failed, for the end of the run: a log may be cut at its beginning. */
type Counts = { passed: number; failed: number; skipped: number; failures: string[] }
type Layer = { projects: string[]; folders: string[]; vitest?: string[]; beside?: string[]; prepare?: () => Promise<void> }

/** A core is left to the deployed apps where there are only two. By the time that the later layers begin, they have nearly ended. */
const SHARING = availableParallelism() > 2 ? [] : ['--maxWorkers=1']

const LAYERS: Record<string, Layer> = {
  unit: { projects: ['unit', 'architecture'], folders: [], beside: SHARING },
  coverage: { projects: ['unit', 'architecture'], folders: [], vitest: ['--coverage'] },
  faults: { projects: ['faults'], folders: [], beside: SHARING },
  contract: { projects: ['contract'], folders: [] },
  infra: { projects: ['infra'], folders: [] },
  e2e: { projects: ['deployed'], folders: ['test/e2e/'] },
  browser: { projects: ['deployed'], folders: ['test/browser/'], prepare: ensureChromium },
  outages: { projects: ['deployed'], folders: ['test/outages/'] },
  // Both on one cloud.
  'browser, outages': { projects: ['deployed'], folders: ['test/browser/', 'test/outages/'], prepare: ensureChromium },
}
/** Each takes about as long as the others. */
const LANES = [['e2e'], ['browser, outages', 'infra'], ['unit', 'faults', 'contract']]

/** Longest time of a layer, in seconds. */
const LIMIT_SECONDS = 780

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0, failures: [] }

/** The parts of Vitest's JSON report that are read here. */
type Report = {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: {
    name: string
    message: string
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[]
  }[]
}

/** Counts of Vitest's JSON report. What failed without a failed test (a setup, a threshold, no file at all) counts as one failure. */
function countsOf(layer: string, file: string, code: number): Counts {
  let counts = NOTHING
  try {
    const report: Report = JSON.parse(readFileSync(file, 'utf8'))
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report
    const skipped = numPendingTests + numTodoTests
    counts = { passed: numPassedTests, failed: numFailedTests, skipped, failures: failuresOf(report) }
  } catch {
    // No report: Vitest did not get as far as the first test.
  }
  if (code === 0 || counts.failed > 0) return counts
  return { ...counts, failed: 1, failures: [...counts.failures, `${layer}: ended with ${code}; its own output says why`] }
}

function failuresOf({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    const inTests = failed.map(({ fullName, failureMessages }) => `${name}: ${fullName}\n    ${firstLine(failureMessages[0])}`)
    return message && inTests.length === 0 ? [`${name}: ${firstLine(message)}`] : inTests
  })
}

const firstLine = (text = ''): string => text.split('\n')[0] ?? ''

type LayerOptions = {
  /** Whether its output is shown as it comes; otherwise at once when it has ended, so that it does not mix with another's. */
  shown: boolean
  /** Whether no other layer runs beside it. */
  isAlone: boolean
  /** The user's own arguments. */
  filters?: string[]
}

async function runLayer(
  name: string,
  { projects, folders, vitest = [], beside = [], prepare }: Layer,
  { shown, isAlone, filters = [] }: LayerOptions,
): Promise<Counts> {
  const title = `\n── ${name} ${'─'.repeat(76 - name.length)}`
  if (shown) console.log(title)
  const place = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  const report = join(place, 'report.json')
  try {
    await prepare?.()
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const selected = projects.map((project) => `--project=${project}`)
    // A filter leaves most of the code out, so the floor of the coverage means nothing then.
    const extra = filters.length > 0 ? filters : vitest
    const command = ['run', ...selected, ...reporters, ...folders, ...(isAlone ? [] : beside), ...extra]
    const { code, seconds, output } = await run('vitest', command, { show: shown, limitSeconds: LIMIT_SECONDS })
    if (!shown) console.log(`${title}\n${output}`)
    console.log(`${name}: ${seconds.toFixed(1)} s`)
    return countsOf(name, report, code)
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`)
    return { ...NOTHING, failed: 1, failures: [`${name}: it could not be prepared`] }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** One layer after the other. */
async function runLane(layers: string[], options: LayerOptions): Promise<Counts[]> {
  const counts: Counts[] = []
  for (const name of layers) {
    const layer = LAYERS[name]
    if (!layer) throw new Error(`there is no layer "${name}"; use ${Object.keys(LAYERS).join(', ')}`)
    counts.push(await runLayer(name, layer, options))
  }
  return counts
}

const sum = (all: Counts[], field: 'passed' | 'failed' | 'skipped'): number =>
  all.reduce((total, counts) => total + counts[field], 0)

const [asked, ...filters] = process.argv.slice(2)
const lanes = asked
  ? [runLane([asked], { shown: true, isAlone: true, filters })]
  : LANES.map((layers, lane) => runLane(layers, { shown: lane === 0, isAlone: false }))
const results = (await Promise.all(lanes)).flat()

for (const failure of results.flatMap(({ failures }) => failures)) console.log(`✗ ${failure}`)
console.log(`\n${sum(results, 'passed')} passed, ${sum(results, 'failed')} failed, ${sum(results, 'skipped')} skipped`)
process.exitCode = sum(results, 'failed') > 0 ? 1 : 0
