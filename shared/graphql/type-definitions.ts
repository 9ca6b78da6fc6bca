import { AGENT_HEALTH, AGENT_STATUSES, STOP_POLICIES } from '#shared/protocol/agent.ts'
import { APPROVAL_DECISIONS } from '#shared/protocol/approval.ts'
import { APPROVAL_STATUSES } from '#shared/protocol/approval-statuses.ts'
import { EXECUTION_STATUSES } from '#shared/protocol/execution.ts'
import { LIFECYCLE_EVENT_TYPES } from '#shared/protocol/lifecycle-event.ts'

/** What a caller can do to an agent here; deleting one is left to REST. */
export const GRAPHQL_VERBS = ['start', 'pause', 'resume', 'stop'] as const

const valuesOf = (values: readonly string[]): string => `{ ${values.join(' ')} }`

/**
 * The schema as text. Names and meanings are those of the REST API; events have the fields of the flat event. `@cost` is what an operation
 * pays for a field, and a `limit` multiplies what stands below it.
 */
export const TYPE_DEFINITIONS = `
"What one use of the field costs; 1 where nothing is said."
directive @cost(weight: Int!) on FIELD_DEFINITION

"Any JSON."
scalar JSON

enum AgentStatus ${valuesOf(AGENT_STATUSES)}
enum AgentHealth ${valuesOf(AGENT_HEALTH)}
enum AgentVerb ${valuesOf(GRAPHQL_VERBS)}
enum StopPolicy ${valuesOf(STOP_POLICIES)}
enum ExecutionStatus ${valuesOf(EXECUTION_STATUSES)}
enum ApprovalStatus ${valuesOf(APPROVAL_STATUSES)}
enum ApprovalDecision ${valuesOf(APPROVAL_DECISIONS)}

type Query {
  "Needs the scope agents:read, as every agent does."
  agent(agentId: String!): Agent @cost(weight: 20)
  "Agents by id."
  agents(limit: Int! = 50, after: String): AgentPage! @cost(weight: 20)
  "Needs the scope executions:read, as every execution does."
  execution(executionId: String!): Execution @cost(weight: 20)
  "Executions of an agent, the newest first. With a status a page may be short, or empty, though there is a next one."
  executions(agentId: String!, status: ExecutionStatus, limit: Int! = 20, after: String): ExecutionPage! @cost(weight: 20)
  executionEvents(executionId: String!, after: Int! = -1, limit: Int! = 100): ExecutionEventPage! @cost(weight: 40)
  "A call of a tool that a person decides on. Needs the scope approvals:read, as every approval does."
  approval(approvalId: String!): Approval @cost(weight: 20)
  "Approvals, the newest first. With a status a page may be short, or empty, though there is a next one."
  approvals(status: ApprovalStatus, agentId: String, executionId: String, limit: Int! = 20, after: String): ApprovalPage! @cost(weight: 40)
  "A topic that was declared with a schema. Needs the scope topics:read."
  topic(topic: String!): Topic @cost(weight: 20)
  topics(limit: Int! = 50, after: String): TopicPage! @cost(weight: 20)
  "Messages of any topic. Needs the scope topics:read."
  topicEvents(topic: String!, after: Int! = -1, limit: Int! = 20): TopicMessagePage! @cost(weight: 20)
  "Facts about one agent and its executions, or about all. Needs the scopes agents:read and executions:read."
  agentEvents(agentId: String, type: String, after: Int! = -1, limit: Int! = 100): FactPage! @cost(weight: 40)
  "What an agent remembers of its talk with the caller. Needs the scope executions:read."
  conversation(agentId: String!, conversationId: String!, limit: Int! = 20): Conversation! @cost(weight: 20)
}

type Mutation {
  "Asks an agent. Needs the scope executions:write."
  createExecution(input: CreateExecutionInput!, idempotencyKey: String): AcceptedExecution! @cost(weight: 500)
  "Needs the scope executions:write. What runs is asked to stop; repeatable."
  cancelExecution(executionId: String!): Execution! @cost(weight: 500)
  "Does an execution that came to nothing again, as a new one. Needs the scope executions:write."
  retryExecution(executionId: String!, idempotencyKey: String): AcceptedExecution! @cost(weight: 500)
  "Needs the scope approvals:write. The same decision again is no error."
  decideApproval(approvalId: String!, decision: ApprovalDecision!, reason: String): Approval! @cost(weight: 500)
  "Starts, pauses, resumes or stops an agent. Needs the scope agents:write."
  changeAgent(agentId: String!, verb: AgentVerb!, policy: StopPolicy): Agent! @cost(weight: 500)
  "Needs the scope topics:publish."
  publishMessage(topic: String!, message: MessageInput!, idempotencyKey: String): PublishedMessage! @cost(weight: 500)
}

type Subscription {
  "An execution from the event behind the cursor to its end; from its start without one."
  agentExecutionStream(executionId: String!, after: Int): ExecutionEvent!
  "Messages of a topic behind the cursor; those that come from now on without one."
  topicStream(topic: String!, after: Int): TopicMessage!
  "Facts about one agent and its executions, or about all of the tenant."
  agentEvents(agentId: String, after: Int): Fact!
}

type Agent {
  agentId: String!
  name: String!
  description: String
  "llm: data alone; function: code of its own; remote: a service elsewhere."
  kind: String!
  status: AgentStatus!
  statusReason: Failure
  desiredStatus: AgentStatus
  stopPolicy: StopPolicy
  health: AgentHealth!
  healthDetail: String
  healthCheckedAt: String
  topics: [String!]!
  filters: JSON
  maxConcurrency: Int!
  maxQueue: Int!
  timeoutSeconds: Int
  retry: RetryPolicy
  llm: LlmSettings
  prompts: Prompts
  taskTypes: [String!]
  "Label of its role."
  agentType: String
  "What it is made with."
  implementation: String
  "Its name in health and events."
  serviceName: String
  domain: String
  capabilities: [String!]
  "Paths of its own, with the types of task that they ask for."
  endpoints: [AgentEndpoint!]
  "Who may use it."
  access: JSON
  deploymentId: String
  config: JSON
  persona: Persona
  reasoningPattern: String
  components: JSON
  connections: JSON
  "Where a remote agent's service is."
  endpoint: String
  deployment: String
  version: Int!
  revision: Int!
  createdAt: String!
  updatedAt: String!
  queue: AgentQueue! @cost(weight: 20)
  executions(status: ExecutionStatus, limit: Int! = 20, after: String): ExecutionPage! @cost(weight: 20)
}

type LlmSettings {
  provider: String!
  model: String!
  service: String
  temperature: Float
  maxTokens: Int
}

type AgentEndpoint {
  path: String!
  taskType: String!
}

type Persona {
  role: String
  expertise: [String!]
  personality: String
}

type Prompts {
  system: String
}

type RetryPolicy {
  maxAttempts: Int
  backoffSeconds: Float
  retryOnErrors: [String!]
}

"Who runs and who waits."
type AgentQueue {
  open: Boolean!
  limit: Int!
  active: Int!
  waiting: Int!
}

type AgentPage {
  nodes: [Agent!]! @cost(weight: 5)
  "Cursor of the next page; null on the last one."
  next: String
}

type Execution {
  executionId: String!
  agentId: String!
  status: ExecutionStatus!
  attempt: Int!
  input: JSON
  type: String
  priority: Int!
  output: ExecutionOutput
  error: Failure
  usage: Usage
  messageId: String
  topic: String
  correlationId: String
  parentId: String
  rootId: String
  depth: Int
  retryOf: String
  callbackUrl: String
  "True while it waits in its agent's mailbox, or for its turn."
  held: Boolean
  "Set while it waits in the middle of its work, for a person or for its turn in a conversation."
  waitingSince: String
  retryAt: String
  expiresAt: String
  cancelRequestedAt: String
  createdAt: String!
  startedAt: String
  endedAt: String
  "Its place among those that wait; null when it does not wait."
  queue: QueuePosition @cost(weight: 20)
  agent: Agent @cost(weight: 20)
  events(after: Int! = -1, limit: Int! = 100): ExecutionEventPage! @cost(weight: 40)
}

type ExecutionOutput {
  text: String!
  "What an agent's own code returned."
  data: JSON
}

type Failure {
  code: String!
  detail: String!
}

type Usage {
  inputTokens: Int!
  outputTokens: Int!
  cachedInputTokens: Int
  reasoningTokens: Int
  "Millionths of a dollar; null where no price is known."
  costMicroUsd: Float
  "Who spoke, in the order in which they were first asked."
  models: [ModelUsage!]
}

type ModelUsage {
  provider: String!
  model: String!
  calls: Int!
  inputTokens: Int!
  outputTokens: Int!
  cachedInputTokens: Int
  reasoningTokens: Int
  costMicroUsd: Float
}

type QueuePosition {
  position: Int!
  waiting: Int!
}

type ExecutionPage {
  nodes: [Execution!]! @cost(weight: 10)
  next: String
}

type Approval {
  approvalId: String!
  executionId: String!
  agentId: String!
  callId: String!
  toolName: String!
  arguments: JSON
  status: ApprovalStatus!
  createdAt: String!
  expiresAt: String!
  decidedAt: String
  decidedBy: String
  reason: String
}

type ApprovalPage {
  nodes: [Approval!]! @cost(weight: 5)
  next: String
}

type AcceptedExecution {
  executionId: String!
  status: ExecutionStatus!
  "Needs the scope executions:read."
  execution: Execution
}

"One event of an execution's stream; what does not apply is null."
type ExecutionEvent {
  executionId: String!
  eventType: String!
  "The cursor: pass the last one as after to go on."
  sequence: Int!
  timestamp: String!
  attempt: Int!
  content: String
  status: String
  progress: Float
  toolName: String
  arguments: JSON
  result: JSON
  "The whole answer, with completed; null where it does not fit a frame."
  finalResponse: String
  "As Usage."
  usage: JSON
  error: String
  "With retrying: the content of every earlier event with a greater sequence is taken back."
  resumeFrom: Int
}

type ExecutionEventPage {
  nodes: [ExecutionEvent!]!
  "Cursor to go on from."
  next: Int!
  "Whether the stream has ended at this cursor."
  complete: Boolean!
}

type Topic {
  topic: String!
  schema: JSON!
  description: String
  createdAt: String!
  updatedAt: String!
  events(after: Int! = -1, limit: Int! = 20): TopicMessagePage! @cost(weight: 20)
}

type TopicPage {
  nodes: [Topic!]! @cost(weight: 5)
  next: String
}

type TopicMessage {
  topic: String!
  eventType: String!
  sourceService: String!
  "Null where it is too large; then dataref says where it is read."
  data: JSON
  sequence: Int!
  timestamp: String!
  dataref: String
}

type TopicMessagePage {
  nodes: [TopicMessage!]! @cost(weight: 20)
  next: Int!
}

"Something that happened to an agent or an execution: ${LIFECYCLE_EVENT_TYPES.slice(0, 2).join(', ')}, …"
type Fact {
  eventType: String!
  sourceService: String!
  data: JSON!
  sequence: Int!
  timestamp: String!
}

type FactPage {
  nodes: [Fact!]!
  next: Int!
}

type Conversation {
  agentId: String!
  conversationId: String!
  "The last turns, the oldest of them first."
  turns: [Turn!]!
}

type Turn {
  role: String!
  content: String!
  at: String!
}

type PublishedMessage {
  messageId: String!
  topic: String!
}

"As the body of POST /v1/executions."
input CreateExecutionInput {
  agentId: String!
  input: JSON!
  type: String
  priority: Int
  ttlSeconds: Int
  timeoutSeconds: Int
  retry: RetryPolicyInput
  correlationId: String
  conversationId: String
  callbackUrl: String
}

input RetryPolicyInput {
  maxAttempts: Int
  backoffSeconds: Float
  retryOnErrors: [String!]
}

"As the body of POST /v1/topics/{topic}/messages."
input MessageInput {
  data: JSON
  id: String
  type: String
  time: String
  datacontenttype: String
  dataschema: String
  subject: String
  correlationId: String
  replyTo: String
  conversationId: String
  priority: Int
  ttlSeconds: Int
  traceparent: String
}
`
