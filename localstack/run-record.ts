import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { LocalCloudError } from './local-cloud-error.ts'
import { signalProcess, stopProcessGroup } from './process/child-process.ts'
import { commandOf } from './process/command-of.ts'

/** Who runs in a state directory, and where it is reached. Other commands read it to find the local cloud. */
export const runRecordSchema = z.object({
  pid: z.int(),
  emulatorPid: z.int().optional(),
  frontDoorUrl: z.string().optional(),
  endpointUrl: z.string().optional(),
  region: z.string().optional(),
})

export type RunRecord = z.infer<typeof runRecordSchema>

const fileIn = (stateDir: string): string => join(stateDir, 'run.json')

/**
 * Takes the state directory for this process. What a killed run left behind, its emulator too, is cleared away first.
 *
 * @throws LocalCloudError when another process has it
 */
export async function claimStateDirectory(stateDir: string): Promise<void> {
  const record = await readRunRecord(stateDir)
  if (record && (await runs(record.pid, 'localstack/start'))) {
    throw new LocalCloudError(
      `the local cloud already runs (process ${record.pid})${record.frontDoorUrl ? `: ${record.frontDoorUrl}` : ''}`,
      'use it, stop it with Ctrl-C where it runs, or start another copy: npm start -- --help',
    )
  }
  if (record?.emulatorPid && (await runs(record.emulatorPid, 'ministack'))) await stopProcessGroup(record.emulatorPid)
  await rm(fileIn(stateDir), { force: true })
  await writeFile(fileIn(stateDir), JSON.stringify({ pid: process.pid }), { flag: 'wx' })
}

/** Written aside and renamed: who reads it finds it whole. */
export async function writeRunRecord(stateDir: string, record: RunRecord): Promise<void> {
  const aside = `${fileIn(stateDir)}.new`
  await writeFile(aside, `${JSON.stringify(record, null, 2)}\n`)
  await rename(aside, fileIn(stateDir))
}

/** Gives the directory back, if it is still this process that has it. */
export async function releaseStateDirectory(stateDir: string): Promise<void> {
  const record = await readRunRecord(stateDir)
  if (record?.pid === process.pid) await rm(fileIn(stateDir), { force: true })
}

/** @returns undefined when nothing is recorded, or nothing that can be read */
export async function readRunRecord(stateDir: string): Promise<RunRecord | undefined> {
  try {
    return runRecordSchema.parse(JSON.parse(await readFile(fileIn(stateDir), 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether the process lives and is what we took it for: a process id is used again. */
async function runs(pid: number, command: string): Promise<boolean> {
  return pid !== process.pid && signalProcess(pid, 0) && (await commandOf(pid)).includes(command)
}
