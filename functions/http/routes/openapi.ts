import * as z from 'zod'
import { publicRoute, type Route } from '../route.ts'

/** The description of this API, made from the table of its routes when the project is built: `npm run docs:openapi`. */
export const OPENAPI_ROUTES: readonly Route[] = [
  publicRoute({
    method: 'GET',
    path: '/v1/openapi.json',
    operation: 'getOpenApi',
    summary: 'This description',
    tag: 'Metrics',
    status: 200,
    response: z.looseObject({ openapi: z.string() }),
    async handle() {
      const { default: document } = await import('../openapi.json', { with: { type: 'json' } })
      return { body: document }
    },
  }),
]
