import type { LocalCloud } from '../local-cloud.ts'
import { type Finding, fail, ok } from './finding.ts'

/** Ports that `npm start` takes unless it is told otherwise. */
const PORTS = [
  { port: 8787, purpose: 'front door', option: '--port' },
  { port: 4566, purpose: 'emulator', option: '--emulator-port' },
  { port: 4577, purpose: 'scripted LLM', option: '--llm-port' },
]

export interface LocalCloudProbes {
  /** Emulator of somebody else; then ours is not started. */
  endpointUrl: string | undefined
  running: LocalCloud | undefined
  isPortFree(port: number): Promise<boolean>
  answers(url: string): Promise<boolean>
}

/** A local cloud that runs and answers, or the ports for one. */
export async function checkLocalCloud(probes: LocalCloudProbes): Promise<Finding[]> {
  const { endpointUrl, running, answers } = probes
  if (running) return [await checkRunning(running, answers)]
  const ports = PORTS.filter(({ purpose }) => endpointUrl === undefined || purpose !== 'emulator')
  const findings = await Promise.all(ports.map((each) => checkPort(each, probes)))
  return endpointUrl === undefined ? findings : [await checkEndpoint(endpointUrl, answers), ...findings]
}

async function checkRunning({ pid, frontDoorUrl }: LocalCloud, answers: LocalCloudProbes['answers']): Promise<Finding> {
  const check = 'local cloud'
  if (frontDoorUrl === undefined) return ok(check, `is starting (process ${pid})`)
  if (await answers(`${frontDoorUrl}/health`)) return ok(check, `runs at ${frontDoorUrl}`)
  return fail(
    check,
    `runs (process ${pid}), but ${frontDoorUrl} does not answer`,
    'stop it with Ctrl-C where it runs, then npm start',
  )
}

async function checkEndpoint(endpointUrl: string, answers: LocalCloudProbes['answers']): Promise<Finding> {
  const check = 'AWS_ENDPOINT_URL'
  if (await answers(endpointUrl)) return ok(check, `${endpointUrl} answers`)
  return fail(
    check,
    `${endpointUrl} does not answer`,
    'start what runs there, or unset it: npm start then brings its own emulator',
  )
}

async function checkPort({ port, purpose, option }: (typeof PORTS)[number], { isPortFree }: LocalCloudProbes): Promise<Finding> {
  const check = `port ${port}`
  if (await isPortFree(port)) return ok(check, `free for the ${purpose}`)
  return fail(
    check,
    `taken; the ${purpose} needs it`,
    `stop what listens there, or choose another: npm start -- ${option} <port>`,
  )
}
