import { timestamp } from '#shared/platform/clock.ts'
import { type Health, healthSchema, readinessSchema } from '#shared/protocol/health.ts'
import { publicRoute, type Route } from '../route.ts'

export const HEALTH_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'GET',
    path: '/health',
    status: 200,
    response: healthSchema,
    async handle({ stage, clock }) {
      const health: Health = { status: 'ok', stage, time: timestamp(clock) }
      return { body: health }
    },
  }),

  publicRoute({
    method: 'GET',
    path: '/ready',
    status: 200,
    response: readinessSchema,
    async handle({ readiness }) {
      const body = await readiness()
      return { body, status: body.status === 'ok' ? 200 : 503 }
    },
  }),
]
