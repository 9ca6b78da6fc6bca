/** Agents, as a part of the schema. */
export const AGENT_TYPES = `
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
`
