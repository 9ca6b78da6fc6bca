import * as z from 'zod'
import { promptsSchema, thoughtSchema } from './agent-thought.ts'
import { agentIdSchema, timestampSchema, topicSchema } from './identifiers.ts'
import { llmSettingsSchema } from './llm.ts'
import { messageFilterSchema } from './message-filter.ts'
import { errorCodeSchema } from './problem.ts'
import { retryPolicySchema, timeoutSecondsSchema } from './retry-policy.ts'

export const AGENT_STATUSES = ['created', 'starting', 'running', 'paused', 'stopping', 'stopped', 'failed', 'deleted'] as const
export const AGENT_HEALTH = ['unknown', 'healthy', 'degraded', 'unhealthy', 'offline'] as const
export const STOP_POLICIES = ['drain', 'cancel'] as const

/** Most executions of one agent that may run at once: each active one is named in the agent's gate. */
export const MAX_AGENT_CONCURRENCY = 100

/** Most topics of one agent. A transaction writes 100 items: the agent, its gate, the tenant's count, and the entries of the index that go and those that come:
 * subscriptions, capabilities, the domain. */
export const MAX_AGENT_TOPICS = 32

/** What somebody may be called by in a policy: a whole name, or its beginning and `*`. */
const nameOrPrefixSchema = z.string().min(1).max(256)

/** Ways in which an execution begins. */
export const TRIGGERS = ['request', 'topic', 'agent', 'workflow'] as const

/** Who may use an agent, beyond the scope that the door asks for. What is absent is open to everybody of the tenant. */
export const agentAccessSchema = z.strictObject({
  /** Ways in which its executions may begin. */
  triggers: z.array(z.enum(TRIGGERS)).min(1).optional(),
  /** Subjects and roles that may ask it directly; one match of either is enough. */
  principals: z.array(nameOrPrefixSchema).max(100).optional(),
  roles: z.array(nameOrPrefixSchema).max(100).optional(),
  /** Agents that may send to it. */
  agents: z.array(nameOrPrefixSchema).max(100).optional(),
  /** Workflows that may use it. */
  workflows: z.array(nameOrPrefixSchema).max(100).optional(),
})

/** Most capabilities of one agent: each is an item of the index. */
export const MAX_AGENT_CAPABILITIES = 12

export const capabilitySchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/, 'use 1 to 64 letters, digits, ".", ":", "_" or "-"')

/** A path below `/agents/<id>` that asks for one kind of work. */
export const agentEndpointSchema = z.strictObject({
  path: z.string().regex(/^(\/[A-Za-z0-9_.~-]{1,64}){1,4}$/, 'use a path such as /analyze'),
  taskType: z.string().min(1).max(128),
})

/** How an agent takes its work. */
const workSchema = z.object({
  /** Executions that run at once; the others wait, by priority and then by age. */
  maxConcurrency: z.int().min(1).max(MAX_AGENT_CONCURRENCY).default(10),
  /** Executions that may wait before a direct request is refused with `queue_full`. Messages of topics always wait. */
  maxQueue: z.int().min(0).max(1_000_000).default(10_000),
  /** Longest execution, all attempts and pauses between them together; the stage's when absent. */
  timeoutSeconds: timeoutSecondsSchema.optional(),
  retry: retryPolicySchema.partial().optional(),
})

const definitionSchema = z.object({
  name: z.string().min(1).max(200),
  description: z.string().max(2_000).optional(),
  topics: z.array(topicSchema).max(MAX_AGENT_TOPICS).default([]),
  /** Which messages of a topic the agent gets, by topic; all of them when there is none. */
  filters: z.record(topicSchema, messageFilterSchema).optional(),
  /** Label of its role, such as `business-analyst`. */
  agentType: z.string().min(1).max(128).optional(),
  /** What it is made with, such as `anthropic` or `deterministic`. */
  implementation: z.string().min(1).max(128).optional(),
  /** Its name in health and events. */
  serviceName: z.string().min(1).max(128).optional(),
  /** Business that it belongs to; a filter of lists. */
  domain: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'use 1 to 64 letters, digits, ".", "_" or "-"')
    .optional(),
  /** What it can do; a filter of lists, and what requests without an agent are routed by. */
  capabilities: z.array(capabilitySchema).max(MAX_AGENT_CAPABILITIES).optional(),
  /** Types of work that it knows; all of them when absent. Others are refused as `unsupported_task_type`. */
  taskTypes: z.array(z.string().min(1).max(128)).max(100).optional(),
  endpoints: z.array(agentEndpointSchema).max(50).optional(),
  access: agentAccessSchema.optional(),
  /** Names whatever deployed it. */
  deploymentId: z.string().min(1).max(128).optional(),
  /** Settings for its own code, and notes of whoever registered it. Keys and passwords are refused. */
  config: z.record(z.string(), z.json()).optional(),
  ...workSchema.shape,
})

/** Where a remote agent's service is; the paths of its tasks follow. */
const remoteEndpointSchema = z.url({ protocol: /^https?$/, error: 'use an address that begins with "https://"' }).max(2_048)

/** The other body of `POST /v1/agents`, for an agent that is a service elsewhere. */
export const createRemoteAgentSchema = z.strictObject({
  kind: z.literal('remote'),
  agentId: agentIdSchema.optional(),
  ...definitionSchema.shape,
  endpoint: remoteEndpointSchema,
  autoStart: z.boolean().default(false),
})

/** Body of `POST /v1/agents` for an agent that is data alone. */
export const createAgentSchema = z.strictObject({
  kind: z.literal('llm').optional(),
  agentId: agentIdSchema.optional(),
  ...definitionSchema.shape,
  ...thoughtSchema.shape,
  /** May be left out where a component of the type `model` says it. */
  llm: llmSettingsSchema.optional(),
  prompts: promptsSchema.default({}),
  /** Start it at once. Otherwise it is `created`, and its messages wait until it is started. */
  autoStart: z.boolean().default(false),
})

/** Body of `POST /v1/agents`; without `kind` it is an `llm` agent's. */
export const newAgentSchema = z.discriminatedUnion('kind', [createAgentSchema, createRemoteAgentSchema])

/** What the lifecycle says of an agent, and no definition. */
export const agentStateSchema = z.object({
  agentId: agentIdSchema,
  status: z.enum(AGENT_STATUSES),
  /** Why the status is `failed`. */
  statusReason: z.object({ code: errorCodeSchema, detail: z.string() }).optional(),
  /** Where `starting` and `stopping` lead. */
  desiredStatus: z.enum(['running', 'stopped', 'deleted']).optional(),
  /** What `stopping` does with executions: let the running ones end, or cancel all of them. */
  stopPolicy: z.enum(STOP_POLICIES).optional(),
  health: z.enum(AGENT_HEALTH),
  healthDetail: z.string().optional(),
  healthCheckedAt: timestampSchema.optional(),
  /** Grows by one with every change of the definition. */
  version: z.int().positive(),
  /** Grows by one with every write. */
  revision: z.int().positive(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
})

/** A registered agent as every door shows it: data alone (`llm`), code of its own that was deployed (`function`), or a service elsewhere (`remote`). */
export const agentSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('llm'),
    ...agentStateSchema.shape,
    ...definitionSchema.shape,
    ...thoughtSchema.shape,
    llm: llmSettingsSchema,
    prompts: promptsSchema,
  }),
  z.object({
    kind: z.literal('function'),
    ...agentStateSchema.shape,
    ...definitionSchema.shape,
    /** Model behind its code's `context.llm`. */
    llm: llmSettingsSchema.optional(),
    /** Which build registered it. */
    deployment: z.string(),
  }),
  z.object({
    kind: z.literal('remote'),
    ...agentStateSchema.shape,
    ...definitionSchema.shape,
    /** Its service takes tasks under `/tasks/submit` and tells of them under `/tasks/<id>`. */
    endpoint: remoteEndpointSchema,
  }),
])

/** Body of `POST /v1/agents/{id}/stop`: let running executions end, or cancel them and all that wait. */
export const stopAgentSchema = z.strictObject({ policy: z.enum(STOP_POLICIES).default('drain') })

export const agentListSchema = z.object({
  agents: z.array(agentSchema),
  /** Cursor of the next page; absent on the last one. */
  next: z.string().optional(),
})

/** Answer of `GET /v1/agents/{id}/subscriptions`. */
export const agentSubscriptionsSchema = z.object({
  subscriptions: z.array(z.object({ topic: topicSchema, filter: messageFilterSchema.optional() })),
})

export type AgentEndpoint = z.infer<typeof agentEndpointSchema>
export type AgentAccess = z.infer<typeof agentAccessSchema>
/** Body of `POST /v1/agents` as a client writes it. */
export type AgentDefinition = z.input<typeof createAgentSchema>
export type CreateAgent = z.infer<typeof createAgentSchema>
export type NewAgent = z.infer<typeof newAgentSchema>
export type CreateRemoteAgent = z.infer<typeof createRemoteAgentSchema>
export type Agent = z.infer<typeof agentSchema>
export type LlmAgent = Extract<Agent, { kind: 'llm' }>
export type FunctionAgent = Extract<Agent, { kind: 'function' }>
export type RemoteAgent = Extract<Agent, { kind: 'remote' }>
export type AgentStatus = Agent['status']
export type StopPolicy = z.infer<typeof stopAgentSchema>['policy']
export type AgentList = z.infer<typeof agentListSchema>
