import * as z from 'zod'
import { agentIdSchema, executionIdSchema, topicSchema, workflowIdSchema } from './identifiers.ts'

const ID_SCHEMAS = new Map([
  ['execution', executionIdSchema],
  ['topic', topicSchema],
  ['agent', agentIdSchema],
  ['workflow', workflowIdSchema],
])

/** Lifecycle events of everything in the tenant. */
export const ALL_CHANNEL = 'all'

/** What a connection subscribes to: `execution:<id>`, `topic:<name>`, `agent:<id>`, `workflow:<id>` or `all`. */
export const channelSchema = z.string().superRefine((value, context) => {
  const { kind, id } = parseChannel(value)
  const valid = kind === 'all' ? value === ALL_CHANNEL : ID_SCHEMAS.get(kind)?.safeParse(id).success
  if (!valid)
    context.addIssue({ code: 'custom', message: 'use "execution:<id>", "topic:<name>", "agent:<id>", "workflow:<id>" or "all"' })
})

export type ChannelKind = 'execution' | 'topic' | 'agent' | 'workflow' | 'all'

export const executionChannel = (executionId: string): string => `execution:${executionId}`
export const topicChannel = (topic: string): string => `topic:${topic}`
/** Lifecycle events of one agent and of its executions. */
export const agentChannel = (agentId: string): string => `agent:${agentId}`

/** Splits a channel that {@link channelSchema} accepted; `all` has no id. */
export function parseChannel(channel: string): { kind: ChannelKind; id: string } {
  const [kind = '', ...rest] = channel.split(':')
  return { kind: kind as ChannelKind, id: rest.join(':') }
}
