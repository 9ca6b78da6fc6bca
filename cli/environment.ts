import { join, resolve } from 'node:path'

/** Root of the project, wherever the command is called. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '..')

/** What the command line takes from the environment; nothing else here reads it. */
export interface CliEnvironment {
  /** `SLUICE_URL`: origin of the front door. */
  url: string | undefined
  /** `SLUICE_TOKEN`: access token. */
  token: string | undefined
  /** `SLUICE_STATE_DIR`: where the local cloud keeps its state, absolute. Default `.sluice` in the project. */
  stateDir: string
  /** `AWS_ENDPOINT_URL`: a LocalStack-compatible endpoint that somebody else runs. */
  endpointUrl: string | undefined
  /** `AWS_REGION` or `AWS_DEFAULT_REGION`. */
  region: string
  /** False when `NO_COLOR` is set (https://no-color.org). */
  colour: boolean
  /** `CHROMIUM_PATH`: browser of the browser tests. */
  chromiumPath: string | undefined
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): CliEnvironment {
  return {
    url: env.SLUICE_URL || undefined,
    token: env.SLUICE_TOKEN || undefined,
    stateDir: resolve(env.SLUICE_STATE_DIR || join(PROJECT_ROOT, '.sluice')),
    endpointUrl: env.AWS_ENDPOINT_URL || undefined,
    region: env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1',
    colour: !env.NO_COLOR,
    chromiumPath: env.CHROMIUM_PATH || undefined,
  }
}
