import { LocalCloudError } from './local-cloud-error.ts'
import { isPortFree } from './process/ports.ts'

const NODE_MAJOR = 24

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
