import { ALIAS_ROUTES } from './aliases/alias-routes.ts'
import type { Route } from './route.ts'
import { AGENT_CONFIGURATION_ROUTES } from './routes/agent-configuration.ts'
import { AGENT_ENDPOINT_ROUTES } from './routes/agent-endpoints.ts'
import { AGENT_MESSAGE_ROUTES } from './routes/agent-messages.ts'
import { AGENT_TEMPLATE_ROUTES } from './routes/agent-templates.ts'
import { AGENT_ROUTES } from './routes/agents.ts'
import { API_KEY_ROUTES } from './routes/api-keys.ts'
import { APPROVAL_ROUTES } from './routes/approvals.ts'
import { ATTACHMENT_ROUTES } from './routes/attachments.ts'
import { AUDIT_ROUTES } from './routes/audit.ts'
import { BATCH_ROUTES } from './routes/batches.ts'
import { BUDGET_ROUTES } from './routes/budgets.ts'
import { CAPABILITY_ROUTES } from './routes/capabilities.ts'
import { CONNECTION_ROUTES } from './routes/connections.ts'
import { CONVERSATION_ROUTES } from './routes/conversations.ts'
import { DEAD_LETTER_ROUTES } from './routes/dead-letters.ts'
import { DECLARED_TOPIC_ROUTES } from './routes/declared-topics.ts'
import { EVENT_ROUTES } from './routes/events.ts'
import { EXECUTION_INPUT_ROUTES } from './routes/execution-input.ts'
import { EXECUTION_ROUTES } from './routes/executions.ts'
import { GRAPHQL_ROUTES } from './routes/graphql.ts'
import { HEALTH_ROUTES } from './routes/health.ts'
import { LIMIT_ROUTES } from './routes/limits.ts'
import { METRICS_ROUTES } from './routes/metrics.ts'
import { MODEL_ROUTES } from './routes/models.ts'
import { NOTE_ROUTES } from './routes/notes.ts'
import { OPENAPI_ROUTES } from './routes/openapi.ts'
import { PROMPT_ROUTES } from './routes/prompts.ts'
import { PROVIDER_ROUTES } from './routes/providers.ts'
import { QUEUE_ROUTES } from './routes/queues.ts'
import { REALTIME_ROUTES } from './routes/realtime.ts'
import { SECRET_ROUTES } from './routes/secrets.ts'
import { TENANT_ROUTES } from './routes/tenant.ts'
import { TICKET_ROUTES } from './routes/tickets.ts'
import { TOPIC_ROUTES } from './routes/topics.ts'
import { USAGE_ROUTES } from './routes/usage.ts'
import { VIRTUAL_MODEL_ROUTES } from './routes/virtual-models.ts'
import { WEBHOOK_ROUTES } from './routes/webhooks.ts'

/** Every operation of the HTTP API, as `docs/protocol.md` lists them. */
export const ROUTES: readonly Route[] = [
  ...AGENT_ROUTES,
  ...AGENT_CONFIGURATION_ROUTES,
  ...AGENT_TEMPLATE_ROUTES,
  ...AGENT_MESSAGE_ROUTES,
  ...PROMPT_ROUTES,
  ...PROVIDER_ROUTES,
  ...BATCH_ROUTES,
  ...EXECUTION_ROUTES,
  ...EXECUTION_INPUT_ROUTES,
  ...APPROVAL_ROUTES,
  ...ATTACHMENT_ROUTES,
  ...CONVERSATION_ROUTES,
  ...NOTE_ROUTES,
  ...MODEL_ROUTES,
  ...VIRTUAL_MODEL_ROUTES,
  ...BUDGET_ROUTES,
  ...TOPIC_ROUTES,
  ...DECLARED_TOPIC_ROUTES,
  ...EVENT_ROUTES,
  ...QUEUE_ROUTES,
  ...DEAD_LETTER_ROUTES,
  ...WEBHOOK_ROUTES,
  ...CONNECTION_ROUTES,
  ...CAPABILITY_ROUTES,
  ...SECRET_ROUTES,
  ...TENANT_ROUTES,
  ...TICKET_ROUTES,
  ...LIMIT_ROUTES,
  ...API_KEY_ROUTES,
  ...GRAPHQL_ROUTES,
  ...REALTIME_ROUTES,
  ...ALIAS_ROUTES,
  // Its paths are whatever agents say: what others have comes first.
  ...AGENT_ENDPOINT_ROUTES,
  ...AUDIT_ROUTES,
  ...METRICS_ROUTES,
  ...USAGE_ROUTES,
  ...HEALTH_ROUTES,
  ...OPENAPI_ROUTES,
]
