import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import * as z from 'zod'
import type { Principal } from '#shared/access/principal.ts'
import { executionLinks, toExecution } from '#shared/executions/execution-view.ts'
import { submitExecution } from '#shared/executions/submit-execution.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { dataSchema } from '#shared/protocol/envelope.ts'
import { executionAcceptedSchema, executionSchema } from '#shared/protocol/execution.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import type { HttpDependencies } from '../dependencies.ts'
import { MAX_WAIT_SECONDS, preferredWait, waitAsPreferred } from '../prefer-wait.ts'
import { type Route, route } from '../route.ts'

const params = z.object({
  agentId: agentIdSchema,
  /** Read from the address: the gateway's own parameters come in the way of the router's. */
  path: z
    .string()
    .optional()
    .meta({
      description: "One of the agent's endpoints, without the slash before it.",
      pattern: '^[A-Za-z0-9_.~/-]{1,260}$',
      param: { required: true },
    }),
})

/** Type of work that an agent's own path asks for; agents that are not there and paths that they do not have look the same. */
async function taskTypeOf(
  { agents }: HttpDependencies,
  { tenant }: Principal,
  agentId: string,
  address: string,
): Promise<string> {
  const agent = await agents.get(tenant, agentId)
  const wanted = address.slice(`/agents/${agentId}`.length).toLowerCase()
  const endpoint = agent?.endpoints?.find(({ path }) => path.toLowerCase() === wanted)
  if (!endpoint) throw new NotFoundError('path', address)
  return endpoint.taskType
}

/** A caller who says nothing of how long he waits, or nothing that can be understood, waits as long as he can. */
const patient = ({ headers: { prefer }, requestContext }: APIGatewayProxyEventV2) => ({
  headers: { prefer: preferredWait(prefer) === undefined ? `wait=${MAX_WAIT_SECONDS}` : prefer },
  requestContext,
})

export const AGENT_ENDPOINT_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/agents/{agentId}/{proxy+}',
    operation: 'callAgentEndpoint',
    idempotency: 'derived',
    summary: 'Asks an agent by a path of its own',
    description: `The paths are those that the agent's \`endpoints\` name; each asks for one type of task, and the body is its input. The answer is
the execution at its end. What takes longer than the gateway waits, or than \`Prefer: wait=n\` says, is answered with 202 and links to it.`,
    tag: 'Agents',
    errors: ['not_found', 'agent_not_running', 'queue_full', 'unsupported_task_type', 'conflict', 'quota_exceeded', 'forbidden'],
    headers: ['Prefer'],
    scope: 'executions:write',
    params,
    body: dataSchema,
    maxBodyBytes: MAX_REFERENCED_BYTES,
    status: 200,
    response: executionSchema,
    alsoAnswers: [{ status: 202, response: executionAcceptedSchema }],
    async handle({ principal, params: { agentId }, body: input, idempotencyKey, event }, dependencies) {
      const type = await taskTypeOf(dependencies, principal, agentId, event.requestContext.http.path)
      const asked = await submitExecution(dependencies, principal, { agentId, input, type }, { idempotencyKey })
      const { record, honoured, headers } = await waitAsPreferred(dependencies, { principal, event: patient(event) }, asked)
      const links = executionLinks(record.executionId)
      const location = { location: links.self }
      if (honoured) return { body: toExecution(record), headers: { ...headers, ...location } }
      return { status: 202, body: { executionId: record.executionId, status: record.status, links }, headers: location }
    },
  }),
]
