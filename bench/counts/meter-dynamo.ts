import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as z from 'zod'
import { readUnits, writeUnits } from './billing-rules.ts'
import { itemSize } from './item-size.ts'
import type { Meter } from './meter.ts'

const itemSchema = z.record(z.string(), z.unknown())
const capacitySchema = z.object({ CapacityUnits: z.number() })

/** What is needed of requests and answers; other fields are left alone. */
const inputSchema = z.looseObject({
  ConsistentRead: z.boolean().optional(),
  TransactItems: z.array(z.unknown()).optional(),
})
const outputSchema = z.looseObject({
  Item: itemSchema.optional(),
  Items: z.array(itemSchema).optional(),
  Count: z.number().optional(),
  ScannedCount: z.number().optional(),
  Responses: z.array(z.looseObject({ Item: itemSchema.optional() })).optional(),
  ConsumedCapacity: z.union([capacitySchema, z.array(capacitySchema)]).optional(),
})

type Input = z.infer<typeof inputSchema>
type Output = z.infer<typeof outputSchema>

/**
 * Writes down every call of the client. Writes are charged as the database says, which knows the items before and after and the
 * indexes; reads by the size of what came, since the emulator does not look at it.
 */
export function meterDynamo(client: DynamoDBClient, meter: Meter): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = (context.commandName ?? '').replace(/Command$/, '')
      const input = inputSchema.parse(args.input)
      try {
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } })
        meter.record('DynamoDB', operation, unitsOf(operation, input, outputSchema.parse(result.output)))
        return result
      } catch (error) {
        meter.record('DynamoDB', `${operation} (refused)`, refusedUnits(input, error))
        throw error
      }
    },
    { step: 'serialize', name: 'meter', priority: 'high' },
  )
}

function unitsOf(operation: string, input: Input, output: Output) {
  const consistency = input.ConsistentRead ? 'consistent' : 'eventual'
  switch (operation) {
    case 'GetItem':
      return { dynamodbReadUnits: readUnits(itemSize(output.Item ?? {}), consistency) }
    case 'Query':
      return { dynamodbReadUnits: readUnits(sizeOfAll(output), consistency) }
    case 'TransactGetItems':
      return {
        dynamodbReadUnits: (output.Responses ?? []).reduce(
          (sum, { Item = {} }) => sum + readUnits(itemSize(Item), 'transactional'),
          0,
        ),
      }
    case 'PutItem':
    case 'UpdateItem':
    case 'DeleteItem':
    case 'TransactWriteItems':
      return { dynamodbWriteUnits: consumed(output) }
    default:
      throw new Error(`no rule says what ${operation} costs`)
  }
}

/** @throws Error when a filter held items back: they are charged, but their size is not known here */
function sizeOfAll({ Items = [], Count, ScannedCount }: Output): number {
  if (Count !== ScannedCount) throw new Error(`a query went through ${ScannedCount} items and showed ${Count}`)
  return Items.reduce((sum, item) => sum + itemSize(item), 0)
}

function consumed({ ConsumedCapacity }: Output): number {
  if (!ConsumedCapacity) throw new Error('the database did not say what a write costs')
  return [ConsumedCapacity].flat().reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0)
}

/** A write whose condition failed is charged like one that succeeded: for the item that stands there, 1 KB when there is none. */
function refusedUnits({ TransactItems }: Input, error: unknown) {
  if (TransactItems) return { dynamodbWriteUnits: TransactItems.length * writeUnits(0, { transactional: true }) }
  const { Item } = z.looseObject({ Item: itemSchema.optional() }).parse(error)
  return { dynamodbWriteUnits: writeUnits(itemSize(Item ?? {})) }
}
