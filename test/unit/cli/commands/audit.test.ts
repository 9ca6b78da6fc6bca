import { describe, expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { aRecord } from '../../../helpers/audit.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

async function run(args: string[], ...answers: unknown[]) {
  const calls: { path: string; call: HttpCall }[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, call })
    return answers.shift() as Answer
  }
  const context = cliContext({ http })
  const exitCode = await main(['audit', ...args], context)
  return { exitCode, calls, out: context.out(), err: context.err() }
}

const queryOf = (path = ''): Record<string, string> => Object.fromEntries(new URL(path, 'http://door').searchParams)

describe('audit', () => {
  it('shows the last calls, over pages that may be empty', async () => {
    const record = aRecord({ address: '198.51.100.1' })
    const refused = aRecord({ outcome: 'refused', status: 403, code: 'forbidden' })
    const { exitCode, calls, out, err } = await run(
      [],
      { records: [record], next: 'c1' },
      { records: [], next: 'c2' },
      { records: [refused] },
    )

    expect(exitCode).toBe(0)
    expect(calls.map(({ path }) => queryOf(path).after)).toEqual([undefined, 'c1', 'c2'])
    expect(calls.map(({ path }) => queryOf(path).limit)).toEqual(['50', '49', '49'])
    const { from = '', to = '' } = queryOf(calls[0]?.path)
    expect(Math.round((Date.parse(to) - Date.parse(from)) / 1_000)).toBe(86_400)
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['TIME', 'WHO', 'FROM', 'WHAT', 'TO WHAT', 'OUTCOME'],
      [record.time, 'ada', '198.51.100.1', 'pauseAgent', '/v1/agents/support', '200'],
      [refused.time, 'ada', '-', 'pauseAgent', '/v1/agents/support', 'forbidden'],
      [''],
    ])
    expect(err).toBe('')
  })

  it('passes filters on, and says when there is more, or nothing', async () => {
    const filters = [
      '--since',
      '1h',
      '--subject',
      'ada',
      '--outcome',
      'refused',
      '--resource',
      '/v1/agents',
      '--limit',
      '1',
      '--json',
    ]
    const { calls, out, err } = await run(filters, { records: [aRecord()], next: 'more' })

    expect(queryOf(calls[0]?.path)).toMatchObject({ subject: 'ada', outcome: 'refused', resource: '/v1/agents', limit: '1' })
    expect(JSON.parse(out)).toMatchObject({ records: [{ action: 'pauseAgent' }] })
    expect(err).toContain('there are more')
    expect((await run([], { records: [] })).err).toContain('there are no such records')
  })

  it('verifies a day', async () => {
    const intact = {
      day: '2026-11-21',
      intact: true,
      records: 5,
      seals: 2,
      fresh: 1,
      last: { day: '2026-11-21', n: 1, hash: 'ab' },
      findings: [],
      found: 0,
    }
    const good = await run(['--verify', '2026-11-21'], intact)
    const finding = { kind: 'changed', place: '2026-11-21T12:00:00.000Z#1', detail: 'it is not what seal 0 has' }
    const bad = await run(['--verify', '2026-11-21'], { ...intact, intact: false, findings: [finding], found: 1 })

    expect(good.calls[0]?.path).toBe('/v1/audit/2026-11-21/verification')
    expect(good).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/intact +yes[\s\S]+5 in 2 seals, 1 of them too new[\s\S]+ab/),
    })
    expect(bad.exitCode).not.toBe(0)
    expect(bad.out).toMatch(/no: 1 found[\s\S]+changed +2026-11-21T12:00:00.000Z#1 +it is not what seal 0 has/)
  })

  it('exports days', async () => {
    const asked = await run(['export', '2026-11-20', '2026-11-21'], { exportId: 'e-1' })
    const day = { day: '2026-11-20', intact: true, records: 3, key: 'T/acme/e-1/2026-11-20.jsonl.gz' }
    const done = { status: 'completed', from: '2026-11-20', to: '2026-11-20', bucket: 'b', manifest: 'm', days: [day] }
    const shown = await run(['show', 'e-1'], done)

    expect(asked.calls).toMatchObject([
      { path: '/v1/audit/exports', call: { method: 'POST', body: { from: '2026-11-20', to: '2026-11-21' } } },
    ])
    expect(asked.out).toBe('e-1\n')
    expect(shown.out).toMatch(/s3:\/\/b\/m[\s\S]+2026-11-20 +yes +3 +T\/acme/)
  })

  it.each([
    ['export'],
    ['export', '2026-11-20'],
    ['show'],
    ['delete'],
    ['--limit', 'x'],
    ['--since', 'ever'],
    ['show', 'a', 'b', 'c'],
  ])('refuses %s %s', async (...args) => {
    const { exitCode, calls } = await run(args)

    expect(exitCode).toBe(2)
    expect(calls).toEqual([])
  })
})
