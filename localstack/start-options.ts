import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { LocalCloudError } from './local-cloud-error.ts'
import { SLUICE_DIR } from './paths.ts'

export const USAGE = `Usage: npm start -- [options]

Starts the local cloud: emulator, the deployed app, a scripted model, and the front door. Ctrl-C stops it all; what was stored is there
again at the next start.

  --port <n>             front door (8787)
  --emulator-port <n>    emulator (4566)
  --llm-port <n>         scripted LLM server (4577)
  --state-dir <path>     what this copy keeps: state, outputs, logs (.sluice)
  --reset                begins anew: forgets everything that was stored
  --help                 shows this

A second copy needs three other ports and another state directory:
  npm start -- --port 8797 --emulator-port 4567 --llm-port 4578 --state-dir .sluice/second

Environment: REQUIRE_AUTH=false (whoever asks gets in), AWS_ENDPOINT_URL (a running LocalStack-compatible endpoint; no emulator is started), OPENAI_API_KEY with OPENAI_BASE_URL and
OPENAI_MODEL, OLLAMA_BASE_URL with OLLAMA_MODEL (demo agents with real models besides), AWS_REGION (us-east-1),
RATE_LIMIT_PER_MINUTE (6000: requests of one caller).`

export type StartOptions = {
  port: number
  emulatorPort: number
  llmPort: number
  /** Absolute path. */
  stateDir: string
  reset: boolean
  help: boolean
}

/** @throws LocalCloudError for an argument that does not exist or is no port */
export function parseStartOptions(args: string[]): StartOptions {
  const { port, 'emulator-port': emulatorPort, 'llm-port': llmPort, 'state-dir': stateDir, reset, help } = read(args)
  const ports = {
    port: portOf('--port', port),
    emulatorPort: portOf('--emulator-port', emulatorPort),
    llmPort: portOf('--llm-port', llmPort),
  }
  if (new Set(Object.values(ports)).size < 3)
    throw new LocalCloudError('two ports are the same', 'give each of the three another number')
  return { ...ports, stateDir: resolve(stateDir), reset, help }
}

function read(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string', default: '8787' },
        'emulator-port': { type: 'string', default: '4566' },
        'llm-port': { type: 'string', default: '4577' },
        'state-dir': { type: 'string', default: SLUICE_DIR },
        reset: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    throw new LocalCloudError(error instanceof Error ? error.message : String(error), 'npm start -- --help shows what there is')
  }
}

function portOf(name: string, text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port
  throw new LocalCloudError(`${name} "${text}" is not a port`, 'use a number from 1 to 65535')
}
