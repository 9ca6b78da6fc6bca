import { describe, expect, it, vi } from 'vitest'
import type { DeadLetter } from '#shared/protocol/dead-letter.ts'
import type { CliClient } from '../../../../cli/connect.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

const letter: DeadLetter = {
  queue: 'ingress',
  id: 'l-1',
  code: 'validation_error',
  detail: 'the message needs either "topic" or "to"; other JSON needs the message attribute "topic"',
  messageId: 'm-1',
  topic: 'orders',
  time: '2026-11-21T09:30:00.000Z',
  receiveCount: 1,
  body: '{"order":1}',
}

async function run(args: string[], client: Partial<CliClient> = {}) {
  const context = cliContext({ client })
  const exitCode = await main(['dead-letters', ...args], context)
  return { exitCode, out: context.out(), err: context.err() }
}

describe('dead-letters', () => {
  it('lists what could not be handled, and why', async () => {
    const { exitCode, out, err } = await run([], { deadLetters: async () => ({ deadLetters: [letter], more: true }) })

    expect(exitCode).toBe(0)
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['QUEUE', 'ID', 'TIME', 'CODE', 'FOR', 'REASON'],
      [
        'ingress',
        'l-1',
        letter.time,
        'validation_error',
        'orders',
        'the message needs either "topic" or "to"; other JSON needs…',
      ],
      [''],
    ])
    expect(err).toContain('there are more')
  })

  it('passes the filter on', async () => {
    const deadLetters = vi.fn(async () => ({ deadLetters: [], more: false }))
    vi.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-11-21T12:00:00Z'))

    const args = [
      '--queue',
      'ingress',
      '--code',
      'not_found',
      '--topic',
      'orders',
      '--agent',
      'a',
      '--older-than',
      '2h',
      '--limit',
      '7',
    ]
    const { exitCode, out, err } = await run(args, { deadLetters })

    expect(deadLetters).toHaveBeenCalledWith({
      queue: 'ingress',
      code: 'not_found',
      topic: 'orders',
      agentId: 'a',
      olderThan: '2026-11-21T10:00:00.000Z',
      limit: 7,
      signal: expect.any(AbortSignal),
    })
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' })
    expect(err).toContain('there are no dead letters')
  })

  it('shows one with its body', async () => {
    const deadLetter = vi.fn(async () => letter)

    const { out } = await run(['show', 'ingress', 'l-1'], { deadLetter })

    expect(deadLetter).toHaveBeenCalledWith('ingress', 'l-1', { signal: expect.any(AbortSignal) })
    expect(out).toContain('validation_error')
    expect(out.endsWith('\n\n{"order":1}\n')).toBe(true)
  })

  it('gives JSON to programs', async () => {
    const { out } = await run(['--json'], { deadLetters: async () => ({ deadLetters: [letter], more: false }) })

    expect(JSON.parse(out)).toEqual({ deadLetters: [letter], more: false })
  })
})

describe('dead-letters redrive and discard', () => {
  const answer = { redriven: 2, discarded: 2, failed: 0, more: false }

  it.each([
    [['redrive', 'l-1', 'l-2'], { ids: ['l-1', 'l-2'] }],
    [['redrive', 'l-1', '--queue', 'work'], { queue: 'work', ids: ['l-1'] }],
    [['redrive', '--topic', 'orders', '--queue', 'ingress'], { queue: 'ingress', filter: { topic: 'orders' } }],
    [['redrive', '--all'], { filter: {} }],
  ])('%j sends back what was said', async (args, selection) => {
    const redrive = vi.fn(async () => answer)

    const { exitCode, out } = await run(args, { redrive })

    expect(redrive).toHaveBeenCalledWith(selection, { signal: expect.any(AbortSignal) })
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '2 sent back\n' })
  })

  it('discards', async () => {
    const discard = vi.fn(async () => ({ discarded: 3, failed: 0, more: true }))

    const { out, err } = await run(['discard', '--code', 'gave_up'], { discard })

    expect(discard).toHaveBeenCalledWith({ filter: { code: 'gave_up' } }, { signal: expect.any(AbortSignal) })
    expect(out).toBe('3 discarded\n')
    expect(err).toContain('run it again')
  })

  it('fails when some could not be moved, or are not there', async () => {
    const failed = await run(['redrive', '--all'], { redrive: async () => ({ redriven: 1, failed: 2, more: false }) })
    const missing = await run(['redrive', 'l-1', 'l-2'], { redrive: async () => ({ redriven: 1, failed: 0, more: false }) })

    expect(failed).toMatchObject({ exitCode: 1, out: '1 sent back, 2 failed and are still there\n' })
    expect(missing.exitCode).toBe(1)
  })

  it.each([
    [['redrive'], 'which ones?'],
    [['discard', '--queue', 'ingress'], 'which ones?'],
    [['discard', 'l-1', '--all'], 'exclude each other'],
    [['discard', 'l-1', '--code', 'x'], 'exclude each other'],
    [['discard', '--all', '--code', 'x'], 'exclude each other'],
    [['show', 'ingress'], 'which one?'],
    [['show', 'ingress', 'l-1', 'l-2'], '"l-2" is too much'],
    [['--all'], '--all belongs to'],
    [['--older-than', 'yesterday'], 'is not a duration'],
    [['--limit', 'ten'], 'is no number'],
    [['purge'], '"dead-letters purge" does not exist'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, err } = await run(args)

    expect(exitCode).toBe(2)
    expect(err).toContain(message)
  })
})
