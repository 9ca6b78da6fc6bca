import { expect, it } from 'vitest'
import { checkLocalCloud, type LocalCloudProbes } from '../../../../cli/doctor/local-cloud.ts'

const probes = (overrides: Partial<LocalCloudProbes>): LocalCloudProbes => ({
  endpointUrl: undefined,
  running: undefined,
  isPortFree: async () => true,
  answers: async () => true,
  ...overrides,
})

const summary = async (overrides: Partial<LocalCloudProbes>) =>
  (await checkLocalCloud(probes(overrides))).map(({ check, status }) => `${check} ${status}`)

it('wants three free ports when nothing runs', async () => {
  expect(await summary({})).toEqual(['port 8787 ok', 'port 4566 ok', 'port 4577 ok'])
})

it('says how to choose another port', async () => {
  const [frontDoor, emulator] = await checkLocalCloud(probes({ isPortFree: async (port) => port !== 4566 }))

  expect(frontDoor?.status).toBe('ok')
  expect(emulator).toMatchObject({ status: 'fail', advice: expect.stringContaining('npm start -- --emulator-port') })
})

it('wants no port of its own emulator when somebody else runs one', async () => {
  const overrides = { endpointUrl: 'http://localhost:4566', isPortFree: async (port: number) => port !== 4566 }

  expect(await summary(overrides)).toEqual(['AWS_ENDPOINT_URL ok', 'port 8787 ok', 'port 4577 ok'])
  expect(await summary({ ...overrides, answers: async () => false })).toContain('AWS_ENDPOINT_URL fail')
})

it('takes the ports of a running cloud for what they are', async () => {
  const running = { pid: 12, frontDoorUrl: 'http://localhost:8787' }
  const overrides = { running, isPortFree: async () => false }

  expect(await summary(overrides)).toEqual(['local cloud ok'])
  expect(await summary({ ...overrides, running: { pid: 12 } })).toEqual(['local cloud ok'])
  expect(await summary({ ...overrides, answers: async () => false })).toEqual(['local cloud fail'])
})
