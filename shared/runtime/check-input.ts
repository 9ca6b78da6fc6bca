import type { ExecutionRecord } from '#shared/executions/execution-record.ts'
import type { DeadLetterQueue } from '#shared/messaging/dead-letter-queue.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import { TENANT_ATTRIBUTE } from '#shared/platform/names.ts'
import type { WorkFound } from './find-work.ts'

/** Fields that the detail names; the others are rarely of use. */
const MAX_FIELDS = 5

/**
 * The data of an execution, as the schema of its work says. What is not like it will never be: the execution fails at once, and its message
 * goes to the agent's dead letters with the reason.
 *
 * @throws ValidationError naming the fields
 */
export async function checkInput(deadLetters: DeadLetterQueue, { input }: WorkFound, record: ExecutionRecord): Promise<unknown> {
  if (!input) return record.input
  const result = await input.safeParseAsync(record.input)
  if (result.success) return result.data
  const fields = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const named = fields.slice(0, MAX_FIELDS).map(({ path, message }) => (path === '' ? message : `"${path}": ${message}`))
  const error = new ValidationError(`the input is not valid: ${named.join('; ')}`, fields)
  await deadLetters.send(refusedWork(record), { code: error.code, detail: error.message })
  throw error
}

/** The work as it stood on the queue. */
function refusedWork({ tenant, executionId, agentId, worker }: ExecutionRecord) {
  return {
    messageId: executionId,
    body: JSON.stringify({ tenant, executionId, agentId, worker }),
    messageAttributes: { [TENANT_ATTRIBUTE]: { stringValue: tenant, dataType: 'String' } },
  }
}
