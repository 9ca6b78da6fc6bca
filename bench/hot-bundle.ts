import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import type { Metafile } from 'esbuild'
import { functionOutput } from '#shared/platform/names.ts'
import { lambdaClient } from '../localstack/aws-clients.ts'
import { output } from '../localstack/deploy/outputs.ts'
import { childEnvironment } from '../localstack/environment.ts'
import type { LocalCloud } from '../localstack/local-cloud.ts'
import { PROJECT_ROOT } from '../localstack/paths.ts'
import { reachable } from '../scripts/reachable.ts'
import { percentile, rounded } from './delays/statistics.ts'

const ENTRY = 'dist/functions/execute/handler.mjs'
/** esbuild's report of the deployed bundles. */
const METAFILE = 'dist/meta/functions.json'
const IMPORTS = 7
const TIME_THE_IMPORT =
  'const began = performance.now(); await import(process.argv[1]); console.log(performance.now() - began); process.exit()'

const run = promisify(execFile)

/** What the hot path loads before its first execution. `importMs`: median over fresh processes. */
export type HotBundle = { bytes: number; importMs: number }

export async function measureHotBundle(cloud: LocalCloud): Promise<HotBundle> {
  const { outputs }: Metafile = JSON.parse(await readFile(join(PROJECT_ROOT, METAFILE), 'utf8'))
  return { bytes: reachable(outputs, ENTRY).eager, importMs: await importTime(cloud) }
}

/** Imports the handler with the deployed function's environment, one process after the other. */
async function importTime(cloud: LocalCloud): Promise<number> {
  const client = lambdaClient(cloud)
  const FunctionName = output(cloud.outputs, functionOutput('execute'))
  const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName })).finally(() => client.destroy())
  const env = childEnvironment({ ...Environment?.Variables, AWS_REGION: cloud.region, AWS_ENDPOINT_URL: cloud.endpointUrl })
  const args = ['--input-type=module', '--eval', TIME_THE_IMPORT, join(PROJECT_ROOT, ENTRY)]
  const times: number[] = []
  for (let done = 0; done < IMPORTS; done++) {
    const { stdout } = await run(process.execPath, args, { env, timeout: 30_000 })
    times.push(Number(stdout))
  }
  return rounded(percentile(times, 50))
}
