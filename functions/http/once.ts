import { answerOnce } from '#shared/idempotency/answer-once.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import type { HttpDependencies } from './dependencies.ts'
import type { Answer, GuardedRoute, RouteRequest } from './route.ts'

/**
 * Does once what a caller repeats under a key (draft-ietf-httpapi-idempotency-key-header): a `POST` either derives what it makes from the key, or
 * its first answer is kept, or it says that it cannot be repeated. None ignores the key. Other methods are repeatable as they are.
 *
 * @throws ValidationError where the answer must not be kept, and what answerOnce throws
 */
export async function once(
  { method, operation, scope, idempotency = 'kept', status }: GuardedRoute,
  { idempotencyKey, principal: { tenant, subject, scopes }, params, query, body }: RouteRequest,
  dependencies: HttpDependencies,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (idempotencyKey === undefined || method !== 'POST' || idempotency === 'derived') return work()
  if (idempotency === 'refused')
    throw new ValidationError('this answer is shown once and cannot be kept to be repeated: leave "Idempotency-Key" out')
  const key = { tenant, subject, operation, key: idempotencyKey }
  // Where the work looks at the scopes, an answer is for whoever has the same ones.
  const asked = { params, query, body, ...(scope === 'any' && { scopes }) }
  const repeated = { key, asked, repeatable: idempotency === 'repeatable' }
  const { answer, replayed } = await answerOnce(dependencies, repeated, async () => ({ status, ...(await work()) }))
  return replayed ? { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } } : answer
}
