import { parseArgs } from 'node:util'

export const USAGE = `Usage: npm run bench -- [options]

Counts and prices the calls of one reply, and measures how long its first frame takes, on a local cloud of its own that is started for it and
stopped after it. Takes about three minutes.

  --only counts|delays  one of the two (both)
  --only sender         memory and time of the sender with 1, 100 and 1,000 viewers instead, in this process; takes half a minute
  --viewers <list>      numbers of viewers to count for; one viewer, for the budgets, is always counted (0,1,50)
  --samples <n>         first frames from warm containers (30); a fifth of it, at least 5, from fresh ones
  --json                prints one JSON object instead of the tables
  --check               ends with an error when a budget is exceeded
  --help                shows this`

export type BenchOptions = {
  sender: boolean
  counts: boolean
  delays: boolean
  viewers: number[]
  samples: number
  json: boolean
  check: boolean
  help: boolean
}

/** An argument that does not exist or makes no sense. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

const PARTS = ['counts', 'delays', 'sender']

/** @throws OptionError */
export function parseOptions(args: string[]): BenchOptions {
  const { only, viewers, samples, json, check, help } = read(args)
  if (only !== undefined && !PARTS.includes(only)) throw new OptionError(`--only "${only}": use ${PARTS.join(', ')}`)
  return {
    sender: only === 'sender',
    counts: only !== 'delays',
    delays: only !== 'counts',
    viewers: [...new Set([1, ...viewers.split(',').map((text) => wholeNumber('--viewers', text, 0))])].toSorted((a, b) => a - b),
    samples: wholeNumber('--samples', samples, 1),
    json,
    check,
    help,
  }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string' },
        viewers: { type: 'string', default: '0,1,50' },
        samples: { type: 'string', default: '30' },
        json: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new OptionError(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(option: string, text: string, min: number): number {
  if (/^\d{1,4}$/.test(text.trim()) && Number(text) >= min) return Number(text)
  throw new OptionError(`${option} "${text}": use whole numbers from ${min} to 9999`)
}
