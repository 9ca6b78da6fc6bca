import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { memoryAuditLog } from '#shared/audit/memory-audit-log.ts'
import { sealRecords } from '#shared/audit/seal-records.ts'
import { aRecord, DAY, NOON, stored } from '../../helpers/audit.ts'

const run = promisify(execFile)
let folder = ''
let script = ''

beforeAll(async () => {
  const [, source = ''] = /```js\n([\s\S]+?)```/.exec(await readFile('docs/audit.md', 'utf8')) ?? []
  folder = await mkdtemp(join(tmpdir(), 'sluice-audit-'))
  script = join(folder, 'verify.mjs')
  await writeFile(script, source)
})
afterAll(() => rm(folder, { recursive: true }))

/** Lines of an exported day with three records in two seals. */
async function exported(): Promise<object[]> {
  const store = memoryAuditLog()
  const records = [0, 1, 2].map((second) =>
    stored(aRecord({ subject: 'Zoë "Z" ', durationMs: 1.5, credential: { kind: 'none' } }, second)),
  )
  const dependencies = { seals: store, clock: { now: () => NOON + 5_000 } }
  await sealRecords(dependencies, { tenant: 'acme', day: DAY }, records.slice(0, 2))
  await sealRecords(dependencies, { tenant: 'acme', day: DAY }, records)
  return [...records.map(({ content }) => ({ record: content })), ...store.day('acme', DAY).seals.map((seal) => ({ seal }))]
}

async function verify(lines: object[]): Promise<{ stdout: string; stderr: string }> {
  const child = run(process.execPath, [script])
  child.child.stdin?.end(lines.map((line) => JSON.stringify(line)).join('\n'))
  return child.catch((error: { stdout: string; stderr: string }) => error)
}

it('the script of the documentation finds that an export is intact', async () => {
  expect(await verify(await exported())).toMatchObject({
    stdout: expect.stringMatching(/^intact; last seal [0-9a-f]{64}\n$/),
    stderr: '',
  })
})

it.each([
  ['a record is missing', (lines: object[]) => lines.splice(1, 1), /changed or missing/],
  ['a record was added', (lines: object[]) => lines.push({ record: aRecord() }), /not sealed/],
  ['a record was changed', (lines: object[]) => Object.assign(lines, { 0: { record: aRecord() } }), /changed or missing/],
  ['a seal is missing', (lines: object[]) => lines.splice(3, 1), /does not follow/],
])('it finds that %s', async (_name, tamper, message) => {
  const lines = await exported()
  tamper(lines)

  const { stdout, stderr } = await verify(lines)

  expect(stdout).toBe('not intact\n')
  expect(stderr).toMatch(message)
})
