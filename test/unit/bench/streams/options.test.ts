import { describe, expect, it } from 'vitest'
import { OptionError } from '../../../../bench/options.ts'
import { parseOptions } from '../../../../bench/streams/options.ts'

describe('options', () => {
  it('measure both, 10,000 replies, from a random seed', () => {
    expect(parseOptions([])).toMatchObject({ campaign: true, peers: true, replies: 10_000, samples: 5, json: false })
    expect(parseOptions([]).seed).not.toBe(parseOptions([]).seed)
  })

  it('take one of the two, and numbers', () => {
    expect(parseOptions(['--only', 'campaign', '--replies', '20', '--seed', '7'])).toMatchObject({
      campaign: true,
      peers: false,
      replies: 20,
      seed: 7,
    })
    expect(parseOptions(['--only', 'peers', '--json'])).toMatchObject({ campaign: false, peers: true, json: true })
  })

  it.each([[['--only', 'half']], [['--replies', '0']], [['--seed', 'x']], [['--what']]])('refuse %j', (args) => {
    expect(() => parseOptions(args)).toThrow(OptionError)
  })
})
