import { timestamp } from '#shared/platform/clock.ts'
import { type Health, healthSchema, readinessSchema } from '#shared/protocol/health.ts'
import { publicRoute, type Route } from '../route.ts'

export const HEALTH_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'GET',
    path: '/health',
    operation: 'getHealth',
    summary: 'Whether the API answers',
    tag: 'Metrics',
    status: 200,
    response: healthSchema,
    async handle({ stage, clock, vitalCounts, openTenant }) {
      const health: Health = {
        service: 'sluice',
        realtime_enabled: true,
        websocket_enabled: true,
        ...(await vitalCounts()),
        stage,
        auth: openTenant === undefined ? 'on' : 'off',
        time: timestamp(clock),
      }
      return { body: health }
    },
  }),

  publicRoute({
    method: 'GET',
    path: '/ready',
    operation: 'getReadiness',
    summary: 'Whether everything that a request needs answers',
    tag: 'Metrics',
    status: 200,
    response: readinessSchema,
    alsoAnswers: [{ status: 503, response: readinessSchema }],
    async handle({ readiness }) {
      const body = await readiness()
      return { body, status: body.status === 'ok' ? 200 : 503 }
    },
  }),
]
