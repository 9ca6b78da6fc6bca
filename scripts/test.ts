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

type Counts = { passed: number; failed: number; skipped: number }
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

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 }

/** Counts of Vitest's JSON report. What failed without a failed test (a setup, a threshold, no file at all) counts as one failure. */
function countsOf(report: string, code: number): Counts {
  let counts = NOTHING
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'))
    counts = { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  } catch {
    // No report: Vitest did not get as far as the first test.
  }
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

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
    return countsOf(report, code)
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`)
    return { ...NOTHING, failed: 1 }
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
  }
}
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed > 0 ? 1 : 0
