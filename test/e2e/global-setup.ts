import type { TestProject } from 'vitest/node'
import { LocalCloudError } from '../../localstack/local-cloud-error.ts'
import { startLocalCloud } from '../helpers/local-cloud.ts'
import '../helpers/provided-context.ts'

/** Deploys the app onto a local cloud of its own, shared by all end-to-end and browser tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cloud = await startLocalCloud().catch((error: unknown) => {
    if (error instanceof LocalCloudError) throw new Error(`${error.message}\n${error.advice}`, { cause: error })
    throw error
  })
  project.provide('frontDoorUrl', cloud.frontDoorUrl)
  project.provide('endpointUrl', cloud.endpointUrl)
  project.provide('emulatorPid', cloud.emulator?.pid ?? 0)
  project.provide('outputs', { ...cloud.outputs })
  project.provide('token', await cloud.token())
  project.provide('scriptedLlmUrl', cloud.scriptedLlm.url)
  return cloud.stop
}
