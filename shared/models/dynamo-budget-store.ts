import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { DAY_MS, epochSeconds } from '#shared/platform/clock.ts'
import { conditionalUpdate } from '#shared/platform/dynamo-writes.ts'
import type { BudgetStore, BudgetSums, BudgetWindow, Hold } from './budget-store.ts'

/** How long a period is kept after its last call. */
const KEPT_MS = 70 * DAY_MS
/** Most holds that one write releases. */
const MAX_RELEASED = 50
/** Prefix of the attribute of each hold; its id follows. */
const HOLD = 'hold#'

const holdSchema = z.object({ amount: z.number(), until: z.number() })
const itemSchema = z.looseObject({
  /** Spent plus held: one number, which a condition can compare with the limit. */
  committed: z.number().default(0),
  spent: z.number().default(0),
  warned: z.boolean().default(false),
  exceeded: z.boolean().default(false),
})

/**
 * Budgets in the streams table, an item for each period: `T#<tenant>#BUDGET#<id>` / `<period>`. Each hold is an attribute of its own, so an item has
 * room for some thousand calls at once.
 */
export function dynamoBudgetStore(client: DynamoDBDocumentClient, table: string): BudgetStore {
  const TableName = table
  const keyOf = ({ tenant, budgetId, period }: BudgetWindow) => ({ pk: `T#${tenant}#BUDGET#${budgetId}`, sk: period })

  function add(window: BudgetWindow, { holdId, amountMicroUsd, until }: Hold, limit: number | undefined, now: number) {
    return conditionalUpdate(client, {
      TableName,
      Key: keyOf(window),
      UpdateExpression: 'ADD committed :amount SET #hold = :hold, expiresAt = :expiresAt',
      // Only once, even if the SDK repeats a write whose answer was lost.
      ConditionExpression: ['attribute_not_exists(#hold)', ...roomFor(amountMicroUsd, limit)].join(' AND '),
      ExpressionAttributeNames: { '#hold': HOLD + holdId },
      ExpressionAttributeValues: {
        ':amount': amountMicroUsd,
        ':hold': { amount: amountMicroUsd, until },
        ':expiresAt': epochSeconds(now + KEPT_MS),
        ...(limit !== undefined && { ':room': limit - amountMicroUsd }),
      },
      ReturnValues: 'ALL_NEW',
    })
  }

  /** Releases holds whose calls never reported a cost: all of them, or none if another container has released one already. */
  async function release(window: BudgetWindow, holds: readonly Hold[]): Promise<void> {
    const names = holds.map((_hold, index) => `#${index}`)
    await conditionalUpdate(client, {
      TableName,
      Key: keyOf(window),
      UpdateExpression: `ADD committed :amount REMOVE ${names.join(', ')}`,
      ConditionExpression: names.map((name) => `attribute_exists(${name})`).join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(holds.map(({ holdId }, index) => [`#${index}`, HOLD + holdId])),
      ExpressionAttributeValues: { ':amount': -sumOf(holds) },
    })
  }

  return {
    async hold(window, hold, limit, now) {
      for (;;) {
        const { result, item } = await add(window, hold, limit, now)
        const holds = holdsOf(item)
        const isHeld = result === 'written' || holds.some(({ holdId }) => holdId === hold.holdId)
        if (isHeld) return { result: 'held', ...sumsOf(item, now) }
        const expired = holds.filter(({ until }) => until <= now).slice(0, MAX_RELEASED)
        if (expired.length === 0) return { result: 'refused', ...sumsOf(item, now) }
        // This ends: each round finds fewer of them, whoever released them.
        await release(window, expired)
      }
    },

    async settle(window, { holdId, amountMicroUsd }, spentMicroUsd) {
      await conditionalUpdate(client, {
        TableName,
        Key: keyOf(window),
        UpdateExpression: 'ADD committed :difference, spent :spent REMOVE #hold',
        ConditionExpression: 'attribute_exists(#hold)',
        ExpressionAttributeNames: { '#hold': HOLD + holdId },
        ExpressionAttributeValues: { ':difference': spentMicroUsd - amountMicroUsd, ':spent': spentMicroUsd },
      })
    },

    async mark(window, mark, now) {
      const { result } = await conditionalUpdate(client, {
        TableName,
        Key: keyOf(window),
        UpdateExpression: 'SET #mark = :true, expiresAt = :expiresAt',
        ConditionExpression: 'attribute_not_exists(#mark)',
        ExpressionAttributeNames: { '#mark': mark },
        ExpressionAttributeValues: { ':true': true, ':expiresAt': epochSeconds(now + KEPT_MS) },
      })
      return result === 'written'
    },

    async read(window, now) {
      const command = new GetCommand({ TableName, Key: keyOf(window), ConsistentRead: true })
      const { Item } = await client.send(command).catch(throwAwsError('the table'))
      return sumsOf(Item, now)
    },
  }
}

/** The condition that an amount fits. An item without commitments has room for any amount up to the whole limit. */
function roomFor(amountMicroUsd: number, limit: number | undefined): string[] {
  if (limit === undefined) return []
  return [amountMicroUsd > limit ? 'committed <= :room' : '(attribute_not_exists(committed) OR committed <= :room)']
}

const sumOf = (holds: readonly Hold[]): number => holds.reduce((sum, { amountMicroUsd }) => sum + amountMicroUsd, 0)

function holdsOf(item: Record<string, unknown> = {}): Hold[] {
  return Object.entries(item).flatMap(([name, value]) => {
    if (!name.startsWith(HOLD)) return []
    const { amount, until } = holdSchema.parse(value)
    return [{ holdId: name.slice(HOLD.length), amountMicroUsd: amount, until }]
  })
}

function sumsOf(item: Record<string, unknown> | undefined, now: number): BudgetSums {
  const { spent, warned, exceeded } = itemSchema.parse(item ?? {})
  const counting = holdsOf(item).filter(({ until }) => until > now)
  return {
    spentMicroUsd: spent,
    reservedMicroUsd: sumOf(counting),
    marks: [...(warned ? (['warned'] as const) : []), ...(exceeded ? (['exceeded'] as const) : [])],
  }
}
