import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
