import * as z from 'zod'
import { executionIdSchema, topicSchema } from './identifiers.ts'

/** What a connection subscribes to: `execution:<id>` or `topic:<name>`. */
export const channelSchema = z.string().superRefine((value, context) => {
  const [kind, ...rest] = value.split(':')
  const id = rest.join(':')
  const valid =
    (kind === 'execution' && executionIdSchema.safeParse(id).success) || (kind === 'topic' && topicSchema.safeParse(id).success)
  if (!valid) context.addIssue({ code: 'custom', message: 'use "execution:<id>" or "topic:<name>"' })
})

export type ChannelKind = 'execution' | 'topic'

export const executionChannel = (executionId: string): string => `execution:${executionId}`
export const topicChannel = (topic: string): string => `topic:${topic}`

/** Splits a channel that {@link channelSchema} accepted. */
export function parseChannel(channel: string): { kind: ChannelKind; id: string } {
  const colon = channel.indexOf(':')
  return { kind: channel.slice(0, colon) as ChannelKind, id: channel.slice(colon + 1) }
}
