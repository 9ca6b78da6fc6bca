import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lock } from 'proper-lockfile'
import { SLUICE_DIR } from '../paths.ts'

/** Longer than an installation takes on a slow line. */
const LONGEST_WAIT_MS = 600_000
const BETWEEN_LOOKS_MS = 250

/**
 * Does the work while no other process of this checkout does work of the same name. A process that is killed keeps nobody waiting for more than ten seconds.
 *
 * @throws Error with the code `ELOCKED` when the other one has not ended after ten minutes; whatever the work throws
 */
export async function oneAtATime<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const folder = join(SLUICE_DIR, 'locks')
  await mkdir(folder, { recursive: true })
  const release = await lock(join(folder, name), {
    // The lock stands beside a file that need not be there.
    realpath: false,
    retries: { retries: LONGEST_WAIT_MS / BETWEEN_LOOKS_MS, factor: 1, minTimeout: BETWEEN_LOOKS_MS },
    // A machine that slept: what was done meanwhile is done.
    onCompromised: () => undefined,
  })
  try {
    return await work()
  } finally {
    await release().catch(() => undefined)
  }
}
