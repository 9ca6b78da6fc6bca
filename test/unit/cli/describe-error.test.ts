import { describe, expect, it } from 'vitest'
import { describeError, errorLine } from '../../../cli/describe-error.ts'
import { CliError, Interruption, UsageError } from '../../../cli/errors.ts'
import { SluiceClientError } from '../../../web/client/index.ts'

describe('describeError', () => {
  it('tells the code, what happened and what to do', async () => {
    expect(await describeError(new CliError('timeout', 'no answer', 'wait longer'))).toEqual({
      line: 'error timeout: no answer (wait longer)',
      exitCode: 1,
    })
  })

  it('answers 2 for wrong usage', async () => {
    expect(await describeError(new UsageError('which agent?', 'name one'))).toEqual({
      line: 'error usage: which agent? (name one)',
      exitCode: 2,
    })
  })

  it('answers 3 when nobody answers, and passes on what the system said', async () => {
    const refused = new AggregateError([new Error('connect ECONNREFUSED ::1:8787')])
    const error = new SluiceClientError('network_error', 'the server cannot be reached', {
      cause: new TypeError('fetch failed', { cause: refused }),
    })

    const { line, exitCode } = await describeError(error)

    expect(exitCode).toBe(3)
    expect(line).toContain(
      'error network_error: the server cannot be reached: connect ECONNREFUSED ::1:8787 (start the local cloud',
    )
  })

  it.each(['unauthorized', 'forbidden', 'not_found', 'unavailable'] as const)('knows what to do about %s', async (code) => {
    const { line, exitCode } = await describeError(new SluiceClientError(code, 'no', { status: 400 }))

    expect(line).toMatch(new RegExp(`^error ${code}: no \\(.+\\)$`))
    expect(exitCode).toBe(1)
  })

  it('does not invent advice', async () => {
    expect((await describeError(new SluiceClientError('conflict', 'the id is taken'))).line).toBe(
      'error conflict: the id is taken',
    )
  })

  it('says nothing when the command was ended on purpose', async () => {
    expect(await describeError(new Interruption('SIGINT'))).toEqual({ line: undefined, exitCode: 130 })
    expect(await describeError(new Interruption('SIGPIPE'))).toEqual({ line: undefined, exitCode: 141 })
  })

  it('takes anything else for its own fault', async () => {
    expect(await describeError(new Error('oh'))).toEqual({
      line: 'error internal: oh (this is a fault of the program; please report it)',
      exitCode: 1,
    })
    expect((await describeError('oh')).line).toContain('internal: oh')
  })
})

it('keeps an error on one line', () => {
  expect(errorLine('internal', 'first\n  second\r\nthird')).toBe('error internal: first second third')
})
