import { BatchGetCommand, type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import pLimit from 'p-limit'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { type Clock, epochSeconds, sleep, systemClock } from '#shared/platform/clock.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import {
  agentDays,
  agentDayText,
  agentHours,
  type CounterRow,
  dayText,
  executionTotals,
  hourText,
  modelDays,
  modelOfText,
  requestTotals,
  rowsOf,
  STAGE_TOTALS,
  sourceDays,
  tenantHours,
} from './counter-rows.ts'
import { type CounterStore, KEPT_DAYS, MAX_SOURCE_DAYS, type Point, startsWithin, type TimeRange } from './counter-store.ts'
import { addCounters, type Counters } from './counters.ts'

/** Items over which each row is spread, so that no key takes all writes: a table takes 1,000 a second for one. Readers add them up. */
const PARTS = 4
/** Writes and reads that are on their way at once. */
const AT_ONCE = 20
/** Most items of one BatchGetItem. Source: AWS, API reference. */
const MAX_BATCH = 100
/** Tries for the items that a batch left out, which it does when it is larger than 16 MB or the table is busy. */
const MAX_TRIES = 5
const PAUSE_MS = 50

const asUnavailable = throwAwsError('the table')

/** Separates the part, which is the last, from the rest of the sort key, and the day, which is the first. */
const PART = '#'

const itemSchema = z.object({ pk: z.string(), sk: z.string(), expiresAt: z.number().optional() }).catchall(z.number())

/** A day of one of several things, by its name. */
type NamedDay = Point & { name: string }

/** An item, the part taken off its key. */
type StoredRow = { sk: string; counters: Counters }

/** Counters in the executions table, one attribute each. */
export function dynamoCounterStore(client: DynamoDBDocumentClient, table: string, clock: Clock = systemClock): CounterStore {
  const limit = pLimit(AT_ONCE)

  async function add({ key: { pk, sk }, counters, start, keptDays = KEPT_DAYS, isWhole }: CounterRow): Promise<void> {
    const names = Object.keys(counters)
    if (names.length === 0) return
    const part = isWhole ? 0 : Math.floor(Math.random() * PARTS)
    const sums = names.map((_name, index) => `#${index} :${index}`).join(', ')
    const expiresAt = start === undefined ? undefined : epochSeconds(start) + keptDays * 86_400
    const command = new UpdateCommand({
      TableName: table,
      Key: { pk, sk: `${sk}${PART}${part}` },
      UpdateExpression: `ADD ${sums}${expiresAt === undefined ? '' : ' SET expiresAt = :expiresAt'}`,
      ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#${index}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(names.map((name, index) => [`:${index}`, counters[name]])),
        ...(expiresAt !== undefined && { ':expiresAt': expiresAt }),
      },
    })
    await limit(() => client.send(command)).catch(asUnavailable)
  }

  /** Time to live is a hint to the table: what has expired may still be there. */
  function toRow(item: unknown): StoredRow[] {
    const { pk: _pk, sk, expiresAt, ...counters } = itemSchema.parse(item)
    if (expiresAt !== undefined && expiresAt <= epochSeconds(clock.now())) return []
    return [{ sk: sk.slice(0, sk.lastIndexOf(PART)), counters }]
  }

  /** Rows between two sort keys. A key without its part sorts before all its parts, and `~` behind them. */
  async function between(pk: string, first: string, last: string, most?: number): Promise<StoredRow[]> {
    const query = {
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: { ':pk': pk, ':first': first, ':last': last },
    }
    const items = await queryAll(client, query, most).catch(asUnavailable)
    return items.flatMap(toRow)
  }

  const total = async ({ pk, sk }: CounterRow['key']): Promise<Counters> => {
    const rows = await between(pk, sk, `${sk}${PART}~`)
    return addCounters(...rows.map(({ counters }) => counters))
  }

  async function hours(pk: string, range: TimeRange): Promise<Point[]> {
    const starts = startsWithin('hour', range)
    const [first, last] = [starts[0], starts.at(-1)]
    if (first === undefined || last === undefined) return []
    return pointsOf(await between(pk, hourText(first), `${hourText(last)}${PART}~`), starts, hourText)
  }

  async function days(pk: string, range: TimeRange, most?: number): Promise<NamedDay[]> {
    const starts = startsWithin('day', range)
    const [first, last] = [starts[0], starts.at(-1)]
    if (first === undefined || last === undefined) return []
    const rows = await between(pk, dayText(first), `${dayText(last)}~`, most)
    const sums = Map.groupBy(rows, ({ sk }) => sk)
    return [...sums].map(([sk, parts]) => ({
      start: Date.parse(sk.slice(0, sk.indexOf(PART))),
      name: sk.slice(sk.indexOf(PART) + 1),
      counters: addCounters(...parts.map(({ counters }) => counters)),
    }))
  }

  async function getAll(keys: Record<string, unknown>[]): Promise<StoredRow[]> {
    const rows: StoredRow[] = []
    let wanted = keys
    for (let tries = 0; wanted.length > 0; tries++) {
      if (tries === MAX_TRIES) throw new SluiceError('unavailable', 'the table is busy')
      if (tries > 0) await sleep(Math.random() * PAUSE_MS)
      const command = new BatchGetCommand({ RequestItems: { [table]: { Keys: wanted } } })
      const { Responses, UnprocessedKeys } = await client.send(command).catch(asUnavailable)
      rows.push(...(Responses?.[table] ?? []).flatMap(toRow))
      wanted = UnprocessedKeys?.[table]?.Keys ?? []
    }
    return rows
  }

  return {
    async add(counts) {
      await Promise.all(rowsOf(counts).map(add))
    },
    addRequests: (tenant, counters) => add({ key: requestTotals(tenant), counters }),
    hoursOfAgent: ({ tenant, agentId }, range) => hours(agentHours(tenant, agentId), range),
    async daysOfAgent({ tenant, agentId }, range) {
      const starts = startsWithin('day', range)
      const textOf = (start: number): string => agentDayText(start, agentId)
      const keys = starts.flatMap((start) =>
        Array.from({ length: PARTS }, (_, part) => ({ pk: agentDays(tenant), sk: `${textOf(start)}${PART}${part}` })),
      )
      const batches = Array.from({ length: Math.ceil(keys.length / MAX_BATCH) }, (_, index) =>
        keys.slice(index * MAX_BATCH, (index + 1) * MAX_BATCH),
      )
      const rows = await Promise.all(batches.map((batch) => limit(() => getAll(batch))))
      return pointsOf(rows.flat(), starts, textOf)
    },
    hours: (tenant, range) => hours(tenantHours(tenant), range),
    async days(tenant, range) {
      return (await days(agentDays(tenant), range)).map(({ name, ...day }) => ({ agentId: name, ...day }))
    },
    async modelDays(tenant, range) {
      return (await days(modelDays(tenant), range)).map(({ name, ...day }) => ({ ...modelOfText(name), ...day }))
    },
    async sourceDays(tenant, range) {
      return (await days(sourceDays(tenant), range, MAX_SOURCE_DAYS)).map(({ name, ...day }) => ({ source: name, ...day }))
    },
    totals: (tenant) => total(executionTotals(tenant)),
    requests: (tenant) => total(requestTotals(tenant)),
    stageTotals: () => total(STAGE_TOTALS),
  }
}

/** In the order of time, parts added up. */
function pointsOf(rows: StoredRow[], starts: number[], textOf: (start: number) => string): Point[] {
  const byText = Map.groupBy(rows, ({ sk }) => sk)
  return starts.flatMap((start) => {
    const parts = byText.get(textOf(start))
    return parts ? [{ start, counters: addCounters(...parts.map(({ counters }) => counters)) }] : []
  })
}
