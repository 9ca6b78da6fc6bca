import type { ChannelRef } from './channel-ref.ts'
import { logKey } from './stream-keys.ts'

/** Part of a transaction that passes when the log has no entry at this place. */
export const nothingAt = (table: string, ref: ChannelRef, sequence: number) => ({
  ConditionCheck: { TableName: table, Key: logKey(ref, sequence), ConditionExpression: 'attribute_not_exists(pk)' },
})
