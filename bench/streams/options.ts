import { parseArgs } from 'node:util'
import { OptionError } from '../options.ts'

export const USAGE = `Usage: npm run bench:streams -- [options]

Two measurements of streams. The campaign plays replies to real clients, over the real functions on stores in memory, while sockets break,
posts fail, writers die and users reload their pages, and compares what each user saw with the log. The peers answer the same question in
several ways on one local cloud, which is started for it and stopped after it: what a frame window costs and what a reader notices of it.

  --only campaign|peers  one of the two (both)
  --replies <n>          replies of the campaign (10000, about four minutes)
  --seed <s>             draws the same faults again (a random one)
  --samples <n>          replies of each peer (5)
  --plot <file>          writes the peers' plot there as SVG
  --json                 prints one JSON object instead of the tables
  --help                 shows this

Ends with an error when something was lost, came twice, or came out of order.`

export type StreamBenchOptions = {
  campaign: boolean
  peers: boolean
  replies: number
  seed: number
  samples: number
  plot: string | undefined
  json: boolean
  help: boolean
}

/** @throws OptionError */
export function parseOptions(args: string[]): StreamBenchOptions {
  const { only, replies, seed, samples, plot, json, help } = read(args)
  if (only !== undefined && only !== 'campaign' && only !== 'peers')
    throw new OptionError(`--only "${only}": use campaign or peers`)
  return {
    campaign: only !== 'peers',
    peers: only !== 'campaign',
    replies: wholeNumber('--replies', replies, 1),
    seed: seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', seed, 0),
    samples: wholeNumber('--samples', samples, 1),
    plot,
    json,
    help,
  }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        replies: { type: 'string', default: '10000' },
        seed: { type: 'string' },
        samples: { type: 'string', default: '5' },
        plot: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(option: string, text: string, min: number): number {
  if (/^\d{1,10}$/.test(text.trim()) && Number(text) >= min) return Number(text)
  throw new OptionError(`${option} "${text}": use a whole number from ${min}`)
}
