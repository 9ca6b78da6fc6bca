import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../cli/environment.ts'
import { conformance } from '../../conformance/command.ts'
import { type ModelFrontDoor, startModelFrontDoor } from '../../helpers/model-front-door/model-front-door.ts'

describe('npm run conformance', () => {
  let good: ModelFrontDoor
  let bad: ModelFrontDoor
  beforeAll(async () => {
    good = await startModelFrontDoor()
    bad = await startModelFrontDoor('no field is named')
  })
  afterAll(() => Promise.all([good.stop(), bad.stop()]))

  async function run(args: string[], env: NodeJS.ProcessEnv = {}) {
    const lines: string[] = []
    const exitCode = await conformance(args, readEnvironment({ SLUICE_STATE_DIR: '/nowhere', ...env }), (line) =>
      lines.push(line),
    )
    return { exitCode, lines }
  }

  it('prints each rule with its verdict, and ends with 0', async () => {
    const { exitCode, lines } = await run(['--url', good.url, '--token', 'good', '--only', 'http'])

    expect(exitCode).toBe(0)
    expect(lines.at(-1)).toBe('\n5 ok, 0 failed')
    expect(lines.slice(0, -1).toSorted()[0]).toMatch(/ok .* http .+ \(\d+ ms\)$/)
  })

  it('says what a broken server does instead, and ends with 1', async () => {
    const { exitCode, lines } = await run(['--url', bad.url, '--only', 'http', '--json'], { SLUICE_TOKEN: 'good' })

    const report = JSON.parse(lines.join('\n'))
    expect(exitCode).toBe(1)
    expect(report).toMatchObject({ rules: 5, ok: 4, failed: 1 })
    expect(report.verdicts.find(({ ok }: { ok: boolean }) => !ok)).toMatchObject({
      part: 'http',
      rule: 'a rejected field is named in errors',
      reason: 'the path is undefined instead of "priority"',
    })
  })

  it.each([
    [['--only', 'telepathy'], 2, 'there is no part "telepathy"'],
    [['--shout'], 2, "Unknown option '--shout'"],
    [['--url', 'ftp://example.com'], 2, 'is not the address of a front door'],
    [['--url', 'http://127.0.0.1:9'], 3, 'nobody answers at http://127.0.0.1:9'],
  ])('ends %j with %i', async (args, expected, message) => {
    const { exitCode, lines } = await run(args)

    expect(exitCode).toBe(expected)
    expect(lines.join('\n')).toContain(message)
  })
})
