/**
 * Runs the test layers one after the other and ends with one line that counts them all.
 *
 *   node scripts/test.ts                    every layer
 *   node scripts/test.ts unit               one layer
 *   node scripts/test.ts unit -t handover   the rest of the arguments goes to Vitest
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './ensure-chromium.ts'
import { run } from './run.ts'

/** `failures` names what failed, for the end of the run: a log may be cut at its beginning. */
type Counts = { passed: number; failed: number; skipped: number; failures: string[] }
type Layer = { projects: string[]; folders: string[]; vitest?: string[]; prepare?: () => Promise<void> }

/** `deployed` is `e2e` and `browser` on one deployed local cloud; each of them can also run alone. */
const LAYERS: Record<string, Layer> = {
  unit: { projects: ['unit', 'architecture'], folders: [], vitest: ['--coverage'] },
  faults: { projects: ['faults'], folders: [] },
  contract: { projects: ['contract'], folders: [] },
  infra: { projects: ['infra'], folders: [] },
  deployed: { projects: ['deployed'], folders: [], prepare: ensureChromium },
  e2e: { projects: ['deployed'], folders: ['test/e2e/'] },
  browser: { projects: ['deployed'], folders: ['test/browser/'], prepare: ensureChromium },
}
const ALL = ['unit', 'faults', 'contract', 'infra', 'deployed']

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

async function runLayer(name: string, { projects, folders, vitest = [], prepare }: Layer, more: string[]): Promise<Counts> {
  console.log(`\n── ${name} ${'─'.repeat(76 - name.length)}`)
  const place = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  const report = join(place, 'report.json')
  try {
    await prepare?.()
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const selected = projects.map((project) => `--project=${project}`)
    // A filter leaves most of the code out, so the floor of the coverage means nothing then.
    const extra = more.length > 0 ? more : vitest
    const { code, seconds } = await run('vitest', ['run', ...selected, ...reporters, ...folders, ...extra], { show: true })
    console.log(`${name}: ${seconds.toFixed(1)} s`)
    return countsOf(name, report, code)
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`)
    return { ...NOTHING, failed: 1, failures: [`${name}: it could not be prepared`] }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

const [asked, ...more] = process.argv.slice(2)

let total = NOTHING
for (const name of asked ? [asked] : ALL) {
  const layer = LAYERS[name]
  if (!layer) throw new Error(`there is no layer "${name}"; use ${Object.keys(LAYERS).join(', ')}`)
  const counts = await runLayer(name, layer, more)
  total = {
    passed: total.passed + counts.passed,
    failed: total.failed + counts.failed,
    skipped: total.skipped + counts.skipped,
    failures: [...total.failures, ...counts.failures],
  }
}
for (const failure of total.failures) console.log(`✗ ${failure}`)
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed > 0 ? 1 : 0
