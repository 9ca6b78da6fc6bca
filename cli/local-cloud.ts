import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'

/** What a running local cloud writes down about itself; the addresses come once it is up. */
const runRecordSchema = z.object({
  pid: z.int().positive(),
  frontDoorUrl: z.string().optional(),
  endpointUrl: z.string().optional(),
  region: z.string().optional(),
})

export type LocalCloud = z.infer<typeof runRecordSchema>

/** The local cloud that runs in this state directory; undefined when none does, whatever a killed one left behind. */
export async function findLocalCloud(stateDir: string): Promise<LocalCloud | undefined> {
  const record = runRecordSchema.safeParse(await readJson(join(stateDir, 'run.json')))
  return record.success && lives(record.data.pid) ? record.data : undefined
}

/** Longest wait for a local cloud that comes up, in milliseconds: its front door is open some seconds before all of it is there. */
const STARTING_MS = 30_000
const BETWEEN_LOOKS_MS = 250

/** The local cloud that runs in this state directory, once it is up, or as it is when that takes longer than `limitMs`; undefined when none does. */
export async function startedLocalCloud(stateDir: string, limitMs = STARTING_MS): Promise<LocalCloud | undefined> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const running = await findLocalCloud(stateDir)
    if (running === undefined || running.endpointUrl !== undefined || Date.now() >= deadline) return running
    await pause(BETWEEN_LOOKS_MS)
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // A process of somebody else: it lives, we may only not signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
