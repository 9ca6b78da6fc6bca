import * as z from 'zod'
import { artifactInput } from '#shared/messaging/artifact-input.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { dataSchema } from '#shared/protocol/envelope.ts'
import { executionIdSchema } from '#shared/protocol/identifiers.ts'
import { type Route, route } from '../route.ts'

export const EXECUTION_INPUT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/executions/{executionId}/input',
    operation: 'getExecutionInput',
    summary: 'An input that is too large to be shown with its execution',
    tag: 'Executions',
    errors: ['not_found'],
    scope: 'executions:read',
    params: z.object({ executionId: executionIdSchema }),
    status: 200,
    response: z.object({ input: dataSchema }),
    async handle({ principal: { tenant }, params: { executionId } }, { executions, artifacts }) {
      const record = await executions.get({ tenant, executionId })
      if (!record) throw new NotFoundError('execution', executionId)
      return { body: { input: await artifactInput(artifacts)(record) } }
    },
  }),
]
