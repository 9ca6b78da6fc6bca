import type { ExecutionStore } from '#shared/executions/execution-store.ts'
import { toExecution } from '#shared/executions/execution-view.ts'
import type { Addressed } from '#shared/webhooks/deliver.ts'
import type { CallbackDelivery } from '#shared/webhooks/delivery.ts'

/** Reads what a callback tells: the execution as `GET /v1/executions/{executionId}` shows it. */
export const callbackReader =
  (executions: Pick<ExecutionStore, 'get'>) =>
  async ({ tenant, executionId }: CallbackDelivery): Promise<Addressed | undefined> => {
    const record = await executions.get({ tenant, executionId })
    return record?.callbackUrl === undefined ? undefined : { url: record.callbackUrl, body: JSON.stringify(toExecution(record)) }
  }
