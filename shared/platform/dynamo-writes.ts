import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb'
import { fromAwsError } from './aws-errors.ts'
import { cancellationCodes, isConditionFailure, isTransactionConflict, itemBefore } from './dynamo-errors.ts'
import { SluiceError } from './errors.ts'
import { newId } from './ids.ts'
import { retryOnConflict } from './retry-on-conflict.ts'

export type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>

/**
 * One conditional update of an item.
 *
 * @returns `written` with what `ReturnValues` asks for; `refused` with the item that failed the condition, undefined when there is none
 * @throws SluiceError `unavailable` when the item is busy, or the table out of reach
 */
export async function conditionalUpdate(
  client: DynamoDBDocumentClient,
  input: UpdateCommandInput,
): Promise<{ result: 'written' | 'refused'; item: Record<string, unknown> | undefined }> {
  const command = () => new UpdateCommand({ ...input, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' })
  try {
    const { Attributes } = await retryOnConflict(() => client.send(command()))
    return { result: 'written', item: Attributes }
  } catch (error) {
    if (isConditionFailure(error)) return { result: 'refused', item: itemBefore(error) }
    throw translated(error)
  }
}

/**
 * Writes all items or none. All tries have one token, so a transaction whose answer was lost is not made twice (for ten minutes; AWS,
 * TransactWriteItems, "ClientRequestToken").
 *
 * @returns places of the items whose condition failed; none when all was written
 * @throws SluiceError `unavailable` when the items are busy, or the table out of reach
 */
export async function transactWrite(client: DynamoDBDocumentClient, items: TransactItems): Promise<number[]> {
  const input = { TransactItems: items, ClientRequestToken: newId() }
  try {
    await retryOnConflict(() => client.send(new TransactWriteCommand(input)))
    return []
  } catch (error) {
    const codes = cancellationCodes(error) ?? []
    if (!codes.includes('ConditionalCheckFailed')) throw translated(error)
    return codes.flatMap((code, place) => (code === 'ConditionalCheckFailed' ? [place] : []))
  }
}

function translated(error: unknown): unknown {
  if (isTransactionConflict(error)) return new SluiceError('unavailable', 'the tables are busy', { cause: error })
  return fromAwsError(error, 'the table')
}
