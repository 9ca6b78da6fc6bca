import { describe, expect, it } from 'vitest'
import { OptionError } from '../../../../bench/options.ts'
import { parseOptions } from '../../../../bench/streams/options.ts'

describe('options', () => {
  it('measure campaign and peers, 10,000 replies, from a random seed', () => {
    expect(parseOptions([])).toMatchObject({ measurements: ['campaign', 'peers'], replies: 10_000, samples: 5, json: false })
    expect(parseOptions([]).seed).not.toBe(parseOptions([]).seed)
  })

  it.each(['campaign', 'peers', 'resume', 'crowd'])('take %s alone', (only) => {
    expect(parseOptions(['--only', only]).measurements).toEqual([only])
  })

  it('take numbers', () => {
    expect(parseOptions(['--replies', '20', '--seed', '7', '--viewers', '300', '--json'])).toMatchObject({
      ...{ replies: 20, seed: 7, viewers: 300, json: true },
    })
  })

  it.each([[['--only', 'half']], [['--replies', '0']], [['--viewers', '0']], [['--seed', 'x']], [['--what']]])(
    'refuse %j',
    (args) => {
      expect(() => parseOptions(args)).toThrow(OptionError)
    },
  )
})
