import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readEnvironment } from '../localstack/environment.ts'
import { type LocalCloud, planLocalCloud } from '../localstack/local-cloud.ts'
import { SLUICE_DIR } from '../localstack/paths.ts'
import { freePort } from '../localstack/process/ports.ts'

/**
 * Starts a local cloud of its own, on free ports and with nothing stored.
 *
 * @param tell - is told of each step that is done
 * @throws LocalCloudError
 */
export async function startCloud(tell: (line: string) => void): Promise<{ cloud: LocalCloud; stop(): Promise<void> }> {
  await mkdir(SLUICE_DIR, { recursive: true })
  const stateDir = await mkdtemp(join(SLUICE_DIR, 'bench-'))
  const ports = { frontDoor: await freePort(), emulator: await freePort(), llm: await freePort() }
  const plan = planLocalCloud({ ports, stateDir, environment: readEnvironment() })
  const stop = async () => {
    await plan.stop()
    await rm(stateDir, { recursive: true, force: true })
  }
  try {
    const telling = plan.steps.map(async (step) => {
      await step.run()
      tell(`${step.title} (${step.seconds().toFixed(1)} s)`)
    })
    const [cloud] = await Promise.all([plan.start(), ...telling])
    return { cloud, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
