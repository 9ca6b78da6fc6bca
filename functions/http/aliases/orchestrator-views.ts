import * as z from 'zod'
import type { Gate } from '#shared/agents/gate.ts'
import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import { AGENT_HEALTH, AGENT_STATUSES, type Agent } from '#shared/protocol/agent.ts'
import { thoughtSchema } from '#shared/protocol/agent-thought.ts'
import { prioritySchema } from '#shared/protocol/execution.ts'
import { agentIdSchema, executionIdSchema, timestampSchema } from '#shared/protocol/identifiers.ts'
import { llmSettingsSchema } from '#shared/protocol/llm.ts'
import { TASK_STATUSES, taskView } from './task-view.ts'

const brainSchema = thoughtSchema
  .pick({ persona: true, reasoningPattern: true, components: true, connections: true })
  .extend({ llm: llmSettingsSchema.optional() })

/** How an agent thinks, as the document prints it; what else stands there is the agent's `config`. */
export const brainConfigSchema = brainSchema.catchall(z.json())

export const agentViewSchema = z.object({
  agent_id: agentIdSchema,
  agent_name: z.string(),
  domain: z.string().nullable(),
  status: z.enum(AGENT_STATUSES),
  health: z.enum(AGENT_HEALTH),
  brain_config: brainSchema.loose(),
  deployment_id: z.string().nullable(),
  registered_at: timestampSchema,
  last_health_check: timestampSchema.nullable(),
})

export const agentDetailSchema = agentViewSchema.extend({
  /** Executions that run, and those that wait. */
  active_sessions: z.int(),
  waiting_tasks: z.int(),
})

export const taskDetailSchema = z.object({
  task_id: executionIdSchema,
  agent_id: agentIdSchema,
  task_type: z.string().nullable(),
  status: z.enum(TASK_STATUSES),
  result: z.json(),
  error: z.string().nullable(),
  priority: prioritySchema,
  created_at: timestampSchema,
  started_at: timestampSchema.nullable(),
  completed_at: timestampSchema.nullable(),
})

export const agentView = (agent: Agent): z.infer<typeof agentViewSchema> => ({
  agent_id: agent.agentId,
  agent_name: agent.name,
  domain: agent.domain ?? null,
  status: agent.status,
  health: agent.health,
  brain_config: brainOf(agent),
  deployment_id: agent.deploymentId ?? null,
  registered_at: agent.createdAt,
  last_health_check: agent.healthCheckedAt ?? null,
})

export const agentDetail = (agent: Agent, gate: Gate | undefined): z.infer<typeof agentDetailSchema> => ({
  ...agentView(agent),
  active_sessions: gate?.active.length ?? 0,
  waiting_tasks: gate?.waiting ?? 0,
})

export const taskDetail = (record: ExecutionRecord): z.infer<typeof taskDetailSchema> => ({
  task_id: record.executionId,
  agent_id: record.agentId,
  task_type: record.type ?? null,
  ...taskView(record),
  priority: record.priority,
  created_at: record.createdAt,
  started_at: record.startedAt ?? null,
  completed_at: record.endedAt ?? null,
})

function brainOf(agent: Agent): z.infer<typeof agentViewSchema>['brain_config'] {
  if (agent.kind !== 'llm') return { ...agent.config }
  const { config, persona, reasoningPattern, components, connections, llm } = agent
  return { ...config, persona, reasoningPattern, components, connections, llm }
}
