import { queueListSchema } from '#shared/protocol/queue.ts'
import { type Route, route } from '../route.ts'

export const QUEUE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/queues',
    operation: 'listQueues',
    summary: 'Queues of the stage, and about how many messages are in each',
    description:
      'All tenants share these queues. What waits at one agent is told by `GET /v1/agents/{agentId}/queue`. How old the oldest message is stands in ' +
      'CloudWatch: SQS itself does not tell.',
    tag: 'Queues',
    errors: ['unavailable'],
    scope: 'queues:read',
    status: 200,
    response: queueListSchema,
    async handle(_request, { queueDepths }) {
      return { body: { queues: await queueDepths.list() } }
    },
  }),
]
