import type { Log } from '#shared/platform/log.ts'
import type { AdmissionDependencies } from './admission.ts'
import { admitNext } from './admit-next.ts'
import type { ExecutionRecord } from './execution-record.ts'

/** Gives a slot that was given back to whoever waits. When it fails the sweeper does so. */
export async function letNextIn(
  dependencies: AdmissionDependencies & { logger: Log },
  { tenant, agentId }: ExecutionRecord,
): Promise<void> {
  await admitNext(dependencies, { tenant, agentId }, { crowded: true }).catch((error: unknown) =>
    dependencies.logger.warn('admission_failed', { tenant, agentId, error }),
  )
}
