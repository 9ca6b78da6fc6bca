import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { DAY_MS, epochSeconds } from '#shared/platform/clock.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { LATENCY_BOUNDS, LATENCY_KEPT_DAYS, type LatencyFigures, type LatencyHour, type LatencyStore } from './latency-store.ts'

const itemSchema = z
  .object({
    hour: z.number(),
    provider: z.string(),
    service: z.string(),
    model: z.string(),
    calls: z.number(),
    errors: z.number(),
    costMicroUsd: z.number().optional(),
  })
  .catchall(z.unknown())
const countSchema = z.number().catch(0)

const partition = (tenant: string): string => `T#${tenant}#LATENCY`
const hourText = (hour: number): string => new Date(hour).toISOString().slice(0, 13)
/** The attribute of a bucket. */
const bucketName = (index: number): string => `b${index}`

/** Hours in the streams table: one item per hour and model; the sort key starts with the time. */
export function dynamoLatencyStore(client: DynamoDBDocumentClient, streamsTable: string): LatencyStore {
  const unavailable = throwAwsError('the table')

  async function add(tenant: string, { key, hour, figures }: LatencyHour): Promise<void> {
    const sums = sumsOf(figures)
    const command = new UpdateCommand({
      TableName: streamsTable,
      Key: { pk: partition(tenant), sk: `${hourText(hour)}#${key.provider}#${key.service}#${key.model}` },
      UpdateExpression: `ADD ${sums.map(([name]) => `#${name} :${name}`).join(', ')}
        SET #hour = :hour, #provider = :provider, #service = :service, #model = :model, expiresAt = :expiresAt`,
      ExpressionAttributeNames: Object.fromEntries(
        [...sums.map(([name]) => name), 'hour', 'provider', 'service', 'model'].map((name) => [`#${name}`, name]),
      ),
      ExpressionAttributeValues: {
        ...Object.fromEntries(sums.map(([name, value]) => [`:${name}`, value])),
        ':hour': hour,
        ':provider': key.provider,
        ':service': key.service,
        ':model': key.model,
        ':expiresAt': epochSeconds(hour + LATENCY_KEPT_DAYS * DAY_MS),
      },
    })
    await client.send(command).catch(unavailable)
  }

  return {
    async add(tenant, hours) {
      await Promise.all(hours.map((hour) => add(tenant, hour)))
    },

    async list(tenant, from) {
      const items = await queryAll(client, {
        TableName: streamsTable,
        KeyConditionExpression: 'pk = :pk AND sk >= :first',
        ExpressionAttributeValues: { ':pk': partition(tenant), ':first': hourText(from) },
      }).catch(unavailable)
      return items.map(toHour)
    },
  }
}

/** The attributes to add to: calls and errors always, so that they exist; the cost if it is known; buckets unless they are 0. */
function sumsOf({ calls, errors, costMicroUsd, counts }: LatencyFigures): [string, number][] {
  const buckets = counts.map((count, i): [string, number] => [bucketName(i), count]).filter(([, count]) => count > 0)
  const cost: [string, number][] = costMicroUsd === undefined ? [] : [['costMicroUsd', costMicroUsd]]
  return [['calls', calls], ['errors', errors], ...cost, ...buckets]
}

function toHour(item: unknown): LatencyHour {
  const { hour, provider, service, model, calls, errors, costMicroUsd, ...rest } = itemSchema.parse(item)
  const counts = [...LATENCY_BOUNDS, undefined].map((_, index) => countSchema.parse(rest[bucketName(index)]))
  return {
    key: { provider, service, model },
    hour,
    figures: { calls, errors, ...(costMicroUsd !== undefined && { costMicroUsd }), counts },
  }
}
