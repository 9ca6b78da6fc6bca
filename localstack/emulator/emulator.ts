import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { childEnvironment } from '../environment.ts'
import { LocalCloudError } from '../local-cloud-error.ts'
import { PROJECT_ROOT } from '../paths.ts'
import { startChildProcess } from '../process/child-process.ts'
import { answersHttp, waitUntil } from '../process/wait-until.ts'
import { forgetStreamPositions } from './stream-positions.ts'

export type EmulatorOptions = {
  /** Python of the virtual environment it is installed in. */
  python: string
  port: number
  region: string
  /** Where it loads its state from and saves it to when it stops; in memory only when absent. */
  stateDir?: string | undefined
  logFile: string
  signal?: AbortSignal | undefined
}

export type Emulator = {
  url: string
  pid: number
  /** Settles when it has ended, by itself or by {@link Emulator.stop}. */
  exited: Promise<void>
  /** Stops it and the functions it runs, after it has saved its state. */
  stop(): Promise<void>
}

/** Time to save the state, and to end the functions, when it stops. */
const STOP_GRACE_MS = 20_000
/** Longest start, on a busy machine. One that has ended is not waited for. */
const START_TIMEOUT_MS = 120_000

/**
 * Starts MiniStack on the loopback interface.
 *
 * @throws LocalCloudError when it does not come up
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  if (options.stateDir !== undefined) await forgetStreamPositions(servicesOf(options.stateDir))
  const scratch = scratchOf(options.logFile)
  // What one that was killed has left.
  await rm(scratch, { recursive: true, force: true })
  await mkdir(scratch, { recursive: true })
  // Its workers are CommonJS, wherever the folder is: a project around it may say otherwise.
  await writeFile(join(scratch, 'package.json'), '{"type":"commonjs"}')
  const process = await startChildProcess({
    command: options.python,
    args: ['-m', 'ministack'],
    env: childEnvironment({ ...settings(options), TMPDIR: scratch }),
    cwd: PROJECT_ROOT,
    logFile: options.logFile,
  })
  const url = `http://127.0.0.1:${options.port}`
  const stop = async (): Promise<void> => {
    await process.stop(STOP_GRACE_MS)
    await rm(scratch, { recursive: true, force: true })
  }
  try {
    const ready = await waitUntil(async () => !process.isRunning() || (await answersHttp(`${url}/_ministack/health`)), {
      timeoutMs: START_TIMEOUT_MS,
      signal: options.signal,
    })
    if (!ready || !process.isRunning()) {
      throw new LocalCloudError('the emulator did not come up', `its log says why: ${options.logFile}`)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { url, pid: process.pid, exited: process.exited, stop }
}

/** Folder for what it puts aside: it unpacks every function anew for each of its containers, and leaves that behind. */
const scratchOf = (logFile: string): string => `${logFile}.tmp`

const servicesOf = (stateDir: string): string => join(stateDir, 'services')

function settings({ port, region, stateDir }: EmulatorOptions): Record<string, string> {
  const persistence: Record<string, string> = stateDir
    ? { PERSIST_STATE: '1', STATE_DIR: servicesOf(stateDir), S3_PERSIST: '1', S3_DATA_DIR: join(stateDir, 's3') }
    : {}
  return {
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    // Part of the addresses it gives out; SDKs compare those of queues with the endpoint.
    MINISTACK_HOST: '127.0.0.1',
    MINISTACK_REGION: region,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    LAMBDA_EXECUTOR: 'local',
    // Listeners for services that nothing here uses would make two copies fight for their ports.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    ...persistence,
  }
}
