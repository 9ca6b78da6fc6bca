import { parseArgs } from 'node:util'
import { OptionError } from '../options.ts'

const MEASUREMENTS = ['campaign', 'peers', 'resume', 'crowd'] as const

export type Measurement = (typeof MEASUREMENTS)[number]

export const USAGE = `Usage: npm run bench:streams -- [options]

Measurements of streams. The campaign plays replies to real clients, over the real functions on stores in memory, while sockets break,
posts fail, writers die and users reload their pages, and compares what each user saw with the log. The others need a local cloud, which is
started for them and stopped after them: the peers answer the same question in several ways, what a frame window costs and what a reader
notices of it; resume breaks connections in mid-answer and presses stop, in real time; a crowd follows one reply.

  --only campaign|peers|resume|crowd  one of them (campaign and peers)
  --replies <n>          replies of the campaign (10000, about four minutes)
  --seed <s>             draws the same faults again (a random one)
  --samples <n>          replies of each peer (5)
  --viewers <n>          size of the crowd (240)
  --plot <file>          writes the peers' plot there as SVG
  --json                 prints one JSON object instead of the tables
  --help                 shows this

Ends with an error when something was lost, came twice, or came out of order.`

export type StreamBenchOptions = {
  measurements: readonly Measurement[]
  replies: number
  seed: number
  samples: number
  viewers: number
  plot: string | undefined
  json: boolean
  help: boolean
}

/** @throws OptionError */
export function parseOptions(args: string[]): StreamBenchOptions {
  const { only, replies, seed, samples, viewers, plot, json, help } = read(args)
  const chosen = MEASUREMENTS.find((name) => name === only)
  if (only !== undefined && !chosen) throw new OptionError(`--only "${only}": use one of ${MEASUREMENTS.join(', ')}`)
  return {
    measurements: chosen ? [chosen] : ['campaign', 'peers'],
    replies: wholeNumber('--replies', replies, 1),
    seed: seed === undefined ? Math.floor(Math.random() * 2 ** 31) : wholeNumber('--seed', seed, 0),
    samples: wholeNumber('--samples', samples, 1),
    viewers: wholeNumber('--viewers', viewers, 1),
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
        viewers: { type: 'string', default: '240' },
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
