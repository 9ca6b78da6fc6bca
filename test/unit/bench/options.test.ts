import { describe, expect, it } from 'vitest'
import { OptionError, parseOptions } from '../../../bench/options.ts'

describe('parseOptions', () => {
  it('measures everything when nothing is said', () => {
    expect(parseOptions([])).toEqual({
      sender: false,
      counts: true,
      delays: true,
      viewers: [0, 1, 50],
      samples: 30,
      json: false,
      check: false,
      help: false,
    })
  })

  it('always counts for one viewer: the budgets speak of it', () => {
    expect(parseOptions(['--viewers', '9,2,2']).viewers).toEqual([1, 2, 9])
  })

  it('takes one half', () => {
    expect(parseOptions(['--only', 'counts'])).toMatchObject({ counts: true, delays: false })
    expect(parseOptions(['--only', 'delays'])).toMatchObject({ counts: false, delays: true })
    expect(parseOptions(['--only', 'sender'])).toMatchObject({ sender: true })
  })

  it.each([
    [['--only', 'prices']],
    [['--samples', '0']],
    [['--samples', 'many']],
    [['--viewers', '1,']],
    [['--viewers', '-1']],
    [['--fast']],
  ])('refuses %j', (args) => {
    expect(() => parseOptions(args)).toThrow(OptionError)
  })
})
