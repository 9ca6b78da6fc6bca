import { mkdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { cloudFormationClient } from '../aws-clients.ts'
import { childEnvironment } from '../environment.ts'
import { LocalCloudError } from '../local-cloud-error.ts'
import { onceForSources } from '../once-for-sources.ts'
import { PROJECT_ROOT } from '../paths.ts'
import { CommandError, runCommand } from '../process/run-command.ts'

/** An emulator's one account. */
const ACCOUNT = '000000000000'
/** Stack that `cdk bootstrap` makes. */
const TOOLKIT_STACK = 'CDKToolkit'
/** Longest time of one command. */
const TIMEOUT_MS = 300_000

export type Target = {
  /** LocalStack-compatible endpoint. */
  endpointUrl: string
  region: string
  signal?: AbortSignal | undefined
}

/** Prepares the account for CDK, unless it is prepared: its bucket for assets, and its roles. */
export async function ensureBootstrapped(target: Target): Promise<void> {
  if (await isBootstrapped(target)) return
  // Outside of the project there is no cdk.json, so the app is not synthesised for this.
  await cdk(['bootstrap', `aws://${ACCOUNT}/${target.region}`], target, tmpdir())
}

async function isBootstrapped(target: Target): Promise<boolean> {
  try {
    const { Stacks = [] } = await cloudFormationClient(target).send(new DescribeStacksCommand({ StackName: TOOLKIT_STACK }))
    return Stacks.some(({ StackStatus }) => StackStatus === 'CREATE_COMPLETE' || StackStatus === 'UPDATE_COMPLETE')
  } catch (error) {
    // CloudFormation's answer for a stack that does not exist.
    if (error instanceof Error && error.name === 'ValidationError') return false
    throw error
  }
}

/** Deploys a cloud assembly, and writes the outputs of its stacks. */
export async function deploy(assembly: string, outputsFile: string, target: Target): Promise<void> {
  const quick = ['--method', 'direct', '--concurrency', '4', '--require-approval', 'never', '--progress', 'events']
  await cdk(['deploy', '--app', assembly, '--all', ...quick, '--outputs-file', outputsFile], target, PROJECT_ROOT)
}

/** Everything that the cloud assembly is made from. */
const SOURCES = ['infra/**/*.*', 'functions/**/*.*', 'shared/**/*.*', 'cdk.json', 'package-lock.json']

/** Settings of the stage, in place of its own. */
export type Settings = {
  auth?: 'off'
  metrics?: false
  requestsPerMinute?: number
  tenantRequestsPerMinute?: number
  llmModel?: string
  llmEndpoint?: string
  llmApiKeySecretArn?: string
  llmTimeoutSeconds?: string
  llmMaxTokens?: string
}

/** Synthesises the app, unless its sources are those of the assembly that is there. */
export async function ensureSynthesised(assembly: string, settings: Settings, signal?: AbortSignal): Promise<void> {
  const variant = Object.entries(settings).map(([name, value]) => `${name}-${value}.`)
  const stamp = join(assembly, `sources.${variant.join('')}sha256`)
  const synthesis = { sources: SOURCES, product: join(assembly, 'manifest.json'), stamp }
  await onceForSources(synthesis, () => synthesise(assembly, settings, signal))
}

/**
 * Bundles the functions and writes the cloud assembly of the stage `local`, as `cdk synth` does. Run without the CLI, which would ask
 * the endpoint for its account, the app can be synthesised before there is an endpoint.
 */
async function synthesise(assembly: string, settings: Settings, signal?: AbortSignal): Promise<void> {
  const { app, context } = JSON.parse(await readFile(join(PROJECT_ROOT, 'cdk.json'), 'utf8')) as { app: string; context: object }
  const [command = '', ...args] = app.split(' ')
  // Assets of earlier assemblies would stay.
  await rm(assembly, { recursive: true, force: true })
  await mkdir(assembly, { recursive: true })
  const env = childEnvironment({
    CDK_OUTDIR: assembly,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage: 'local', ...settings }),
  })
  await runCommand(command, args, { env, cwd: PROJECT_ROOT, signal, timeoutMs: TIMEOUT_MS }).catch((error: unknown) => {
    throw failure('the app could not be synthesised', 'npm run synth shows it again', error)
  })
}

async function cdk(args: string[], { endpointUrl, region, signal }: Target, cwd: string): Promise<void> {
  const env = childEnvironment({ AWS_REGION: region, AWS_DEFAULT_REGION: region, AWS_ENDPOINT_URL: endpointUrl })
  const options = { env, cwd, signal, timeoutMs: TIMEOUT_MS }
  await runCommand('cdk', [...args, '--no-notices', '--no-color'], options).catch((error: unknown) => {
    throw failure(`cdk ${args[0]} failed`, 'if what was stored is to blame, begin anew: npm start -- --reset', error)
  })
}

function failure(what: string, advice: string, error: unknown): LocalCloudError {
  const output = error instanceof CommandError ? error.output : String(error)
  return new LocalCloudError(`${what}:\n${output}`, advice, error)
}
