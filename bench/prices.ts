/**
 * What AWS charges for one unit: on demand, us-east-1, first tier, without free tiers. To bring it up to date, read each source again and
 * change its line and its day.
 */
export const PRICED_REGION = 'us-east-1'

export type Price = {
  /** US dollars for `per` units. */
  usd: number
  per: number
  unit: string
  source: string
  /** A day on which this was the price, as YYYY-MM-DD. */
  date: string
}

const MILLION = 1_000_000

export const PRICES = {
  dynamodbWriteUnits: {
    usd: 0.625,
    per: MILLION,
    unit: 'write request unit (1 KB)',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    date: '2025-07-21',
  },
  dynamodbReadUnits: {
    usd: 0.125,
    per: MILLION,
    unit: 'read request unit (4 KB)',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
    date: '2025-07-21',
  },
  sqsRequests: {
    usd: 0.4,
    per: MILLION,
    unit: 'request to a standard queue (64 KB)',
    source: 'https://aws.amazon.com/sqs/pricing/',
    date: '2026-06-13',
  },
  sqsFairRequests: {
    usd: 0.1,
    per: MILLION,
    unit: 'surcharge of a request with a message group on a standard queue (64 KB)',
    source: 'https://aws.amazon.com/sqs/pricing/',
    date: '2026-03-14',
  },
  busEvents: {
    usd: 1,
    per: MILLION,
    unit: 'custom event on a bus (64 KB)',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
    date: '2026-03-13',
  },
  httpRequests: {
    usd: 1,
    per: MILLION,
    unit: 'request to an HTTP API (512 KB)',
    source: 'https://aws.amazon.com/api-gateway/pricing/',
    date: '2025-05-19',
  },
  socketMessages: {
    usd: 1,
    per: MILLION,
    unit: 'message of a WebSocket API, either way (32 KB)',
    source: 'https://aws.amazon.com/api-gateway/pricing/',
    date: '2025-05-19',
  },
  socketMinutes: {
    usd: 0.25,
    per: MILLION,
    unit: 'minute of an open WebSocket',
    source: 'https://aws.amazon.com/api-gateway/pricing/',
    date: '2025-05-19',
  },
} as const satisfies Record<string, Price>

/** Something that AWS charges for. */
export type Billable = keyof typeof PRICES

/** How many billable units of each kind. */
export type Units = Partial<Record<Billable, number>>

/** Price of the units, in US dollars. */
export function costOf(units: Units): number {
  return billables(units).reduce((sum, [billable, count]) => sum + (count * PRICES[billable].usd) / PRICES[billable].per, 0)
}

export function addUnits(a: Units, b: Units): Units {
  const sum: Units = { ...a }
  for (const [billable, count] of billables(b)) sum[billable] = (sum[billable] ?? 0) + count
  return sum
}

const billables = (units: Units) => Object.entries(units) as [Billable, number][]
