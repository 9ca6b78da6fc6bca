import type { Route } from './route.ts'
import { AGENT_ROUTES } from './routes/agents.ts'
import { EVENT_ROUTES } from './routes/events.ts'
import { EXECUTION_ROUTES } from './routes/executions.ts'
import { HEALTH_ROUTES } from './routes/health.ts'
import { TICKET_ROUTES } from './routes/tickets.ts'
import { TOPIC_ROUTES } from './routes/topics.ts'

/** Every operation of the HTTP API, as `docs/protocol.md` lists them. */
export const ROUTES: readonly Route[] = [
  ...AGENT_ROUTES,
  ...EXECUTION_ROUTES,
  ...TOPIC_ROUTES,
  ...EVENT_ROUTES,
  ...TICKET_ROUTES,
  ...HEALTH_ROUTES,
]
