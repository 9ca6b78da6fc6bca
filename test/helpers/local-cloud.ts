import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalCloud, planLocalCloud } from '../../localstack/local-cloud.ts'
import { freePort } from '../../localstack/process/ports.ts'

export type TestCloud = LocalCloud & { stop(): Promise<void> }

/**
 * Starts the local cloud as `npm start` does, on free ports, with nothing stored, and whatever the environment says: a test must not
 * deploy onto the cloud that a developer works with.
 */
export async function startLocalCloud(): Promise<TestCloud> {
  const stateDir = await mkdtemp(join(tmpdir(), 'sluice-cloud-'))
  const plan = planLocalCloud({
    ports: { frontDoor: await freePort(), emulator: await freePort(), llm: await freePort() },
    stateDir,
    environment: {
      endpointUrl: undefined,
      region: 'us-east-1',
      openai: undefined,
      keys: {},
      llm: undefined,
      ollama: undefined,
      requireAuth: true,
      metrics: true,
      ci: false,
    },
  })
  const stop = async () => {
    await plan.stop()
    await rm(stateDir, { recursive: true, force: true })
  }
  try {
    return { ...(await plan.start()), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
