import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readEnvironment } from '../localstack/environment.ts'
import { type LocalCloud, planLocalCloud } from '../localstack/local-cloud.ts'
import { SLUICE_DIR } from '../localstack/paths.ts'
import { freePort } from '../localstack/process/ports.ts'

/** As a shell says that Ctrl-C ended a command. */
const INTERRUPTED = 130
/** What is measured is not the limiter's patience: more requests a minute than a machine can send. */
const UNLIMITED = 600_000

/**
 * Works on a local cloud of its own, on free ports and with nothing stored, that is stopped whatever happens, Ctrl-C included.
 *
 * @param tell - is told of each step of the start that is done
 * @throws LocalCloudError, and what `work` throws
 */
export async function withCloud<Result>(
  tell: (line: string) => void,
  work: (cloud: LocalCloud) => Promise<Result>,
): Promise<Result> {
  await mkdir(SLUICE_DIR, { recursive: true })
  const stateDir = await mkdtemp(join(SLUICE_DIR, 'bench-'))
  const ports = { frontDoor: await freePort(), emulator: await freePort(), llm: await freePort() }
  const plan = planLocalCloud({ ports, stateDir, environment: { ...readEnvironment(), rateLimitPerMinute: UNLIMITED } })
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= plan.stop().then(() => rm(stateDir, { recursive: true, force: true }))
    return stopping
  }
  const onSignal = (): void => void stop().finally(() => process.exit(INTERRUPTED))
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    const telling = plan.steps.map(async (step) => {
      await step.run()
      tell(`${step.title} (${step.seconds().toFixed(1)} s)`)
    })
    const [cloud] = await Promise.all([plan.start(), ...telling])
    return await work(cloud)
  } finally {
    await stop()
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}
