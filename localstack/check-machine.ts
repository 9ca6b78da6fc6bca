import { LocalCloudError } from './local-cloud-error.ts'
import { isPortFree } from './process/ports.ts'
import { answersHttp } from './process/wait-until.ts'

const NODE_MAJOR = 24
const ENDPOINT_TIMEOUT_MS = 5_000

/** @throws LocalCloudError when this process runs on another Node than the functions */
export function checkNode(version = process.versions.node): void {
  if (Number.parseInt(version, 10) >= NODE_MAJOR) return
  throw new LocalCloudError(
    `this is Node ${version}, and Sluice runs on Node ${NODE_MAJOR}`,
    'use "npm start" after "npm ci": it brings the right one',
  )
}

/**
 * @param ports - port numbers by the option that sets them
 * @throws LocalCloudError when one of them is taken
 */
export async function checkPorts(ports: Record<string, number>): Promise<void> {
  for (const [option, port] of Object.entries(ports)) {
    if (await isPortFree(port)) continue
    throw new LocalCloudError(
      `port ${port} is taken by another program`,
      `stop that program, or use another port: npm start -- ${option} ${port + 10}`,
    )
  }
}

/** @throws LocalCloudError when nothing answers there */
export async function checkEndpoint(url: string): Promise<void> {
  if (await answersHttp(url, ENDPOINT_TIMEOUT_MS)) return
  throw new LocalCloudError(
    `nothing answers at AWS_ENDPOINT_URL ${url}`,
    'start that endpoint first, or unset the variable: then npm start brings an emulator',
  )
}
