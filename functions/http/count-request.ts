import { TenantClosedError } from '#shared/limits/tenant-gate.ts'
import type { RequestCounts } from '#shared/metrics/request-counts.ts'
import { toSluiceError } from '#shared/platform/errors.ts'
import type { GuardedRoute } from './route.ts'

/**
 * Counts a request of a tenant that is not closed by its route and by how it ends. What was counted before is written down while the request is worked on, never
 * after its answer, when a container may stand still.
 */
export async function countRequest<Result>(
  { requestCounts }: { requestCounts: RequestCounts },
  { method, path, operation }: GuardedRoute,
  tenant: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const settled = requestCounts.settle()
  const request = { tenant, method, path, operation }
  try {
    const result = await work()
    requestCounts.count(request)
    return result
  } catch (error) {
    if (!(error instanceof TenantClosedError)) requestCounts.count({ ...request, code: toSluiceError(error).code })
    throw error
  } finally {
    await settled
  }
}
