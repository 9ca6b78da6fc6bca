import { ALIAS_ROUTES } from './aliases/alias-routes.ts'
import type { Route } from './route.ts'
import { AGENT_MESSAGE_ROUTES } from './routes/agent-messages.ts'
import { AGENT_ROUTES } from './routes/agents.ts'
import { API_KEY_ROUTES } from './routes/api-keys.ts'
import { DEAD_LETTER_ROUTES } from './routes/dead-letters.ts'
import { DECLARED_TOPIC_ROUTES } from './routes/declared-topics.ts'
import { EVENT_ROUTES } from './routes/events.ts'
import { EXECUTION_INPUT_ROUTES } from './routes/execution-input.ts'
import { EXECUTION_ROUTES } from './routes/executions.ts'
import { GRAPHQL_ROUTES } from './routes/graphql.ts'
import { HEALTH_ROUTES } from './routes/health.ts'
import { OPENAPI_ROUTES } from './routes/openapi.ts'
import { REALTIME_ROUTES } from './routes/realtime.ts'
import { TICKET_ROUTES } from './routes/tickets.ts'
import { TOPIC_ROUTES } from './routes/topics.ts'
import { WEBHOOK_ROUTES } from './routes/webhooks.ts'

/** Every operation of the HTTP API, as `docs/protocol.md` lists them. */
export const ROUTES: readonly Route[] = [
  ...AGENT_ROUTES,
  ...AGENT_MESSAGE_ROUTES,
  ...EXECUTION_ROUTES,
  ...EXECUTION_INPUT_ROUTES,
  ...TOPIC_ROUTES,
  ...DECLARED_TOPIC_ROUTES,
  ...EVENT_ROUTES,
  ...DEAD_LETTER_ROUTES,
  ...WEBHOOK_ROUTES,
  ...TICKET_ROUTES,
  ...API_KEY_ROUTES,
  ...GRAPHQL_ROUTES,
  ...REALTIME_ROUTES,
  ...ALIAS_ROUTES,
  ...HEALTH_ROUTES,
  ...OPENAPI_ROUTES,
]
