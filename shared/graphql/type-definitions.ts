import { AGENT_HEALTH, AGENT_STATUSES, STOP_POLICIES } from '#shared/protocol/agent.ts'
import { APPROVAL_DECISIONS } from '#shared/protocol/approval.ts'
import { APPROVAL_STATUSES } from '#shared/protocol/approval-statuses.ts'
import { EXECUTION_STATUSES } from '#shared/protocol/execution.ts'
import { LIFECYCLE_EVENT_TYPES } from '#shared/protocol/lifecycle-event.ts'
import { AGENT_TYPES } from './agent-types.ts'
import { EXECUTION_TYPES } from './execution-types.ts'

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
${AGENT_TYPES}${EXECUTION_TYPES}
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
  "Over the agent's model, field by field. Another provider or model needs the scope agents:write as well."
  llm: LlmOverridesInput
  correlationId: String
  conversationId: String
  callbackUrl: String
}

input LlmOverridesInput {
  provider: String
  model: String
  temperature: Float
  maxTokens: Int
  topP: Float
  frequencyPenalty: Float
  presencePenalty: Float
  stopSequences: [String!]
  "low, medium or high."
  reasoningEffort: String
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
