import { arch, cpus, platform, totalmem } from 'node:os'
import * as z from 'zod'

/** What the delays depend on. */
export type Machine = {
  cpu: string
  cores: number
  memoryGb: number
  system: string
  node: string
  emulator: string
}

const healthSchema = z.object({ version: z.string() })

export async function describeMachine(endpointUrl: string): Promise<Machine> {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${arch()}`,
    node: process.version,
    emulator: await emulatorName(endpointUrl),
  }
}

/** MiniStack says its version; any other endpoint is named by its address. */
async function emulatorName(endpointUrl: string): Promise<string> {
  try {
    const response = await fetch(`${endpointUrl}/_ministack/health`, { signal: AbortSignal.timeout(5_000) })
    return `MiniStack ${healthSchema.parse(await response.json()).version}`
  } catch {
    return endpointUrl
  }
}
