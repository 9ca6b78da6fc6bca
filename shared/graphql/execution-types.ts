/** Executions, what they wait for and what they tell, as a part of the schema. */
export const EXECUTION_TYPES = `
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
  "Set while it waits in the middle of its work, without a worker."
  waitingSince: String
  "input: a person decides. turn: its turn in a conversation. agents: those that it has asked."
  waitingFor: String
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
  "What a provider outside said of it."
  provider: ProviderFailure
}

type ProviderFailure {
  name: String!
  status: Int
  "Its own name of the error."
  code: String
  "Its id of the request."
  requestId: String
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
  toolHash: String
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
`
