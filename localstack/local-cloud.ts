import { join } from 'node:path'
import { mintToken } from '#shared/access/token.ts'
import { DEFAULT_SERVICE } from '#shared/models/default-model.ts'
import { functionOutput, OUTPUT, platformName, serviceSecretName } from '#shared/platform/names.ts'
import { SCOPES, type Scope } from '#shared/protocol/scopes.ts'
import { type Cloud, lambdaClient, secretsManagerClient } from './aws-clients.ts'
import { CONSOLE_DIRECTORY, ensureConsole } from './console-build.ts'
import { registerDeclaredAgents } from './declared-agents.ts'
import { demoAgents, environmentKeys, registerAgents, storeProviderSecrets } from './demo-agents.ts'
import { ensureBootstrapped, ensureSynthesised, type Settings } from './deploy/cdk.ts'
import { ensureDeployed } from './deploy/deployment.ts'
import { type Outputs, output } from './deploy/outputs.ts'
import { startEmulator } from './emulator/emulator.ts'
import { ensureVirtualEnvironment } from './emulator/virtual-environment.ts'
import type { LocalEnvironment } from './environment.ts'
import { startFrontDoor } from './front-door/front-door.ts'
import { askFunction } from './front-door/preflight.ts'
import { localSignIn } from './local-sign-in.ts'
import { type ScriptedLlm, startScriptedLlm } from './scripted-llm/server.ts'
import { readSecret } from './secrets.ts'
import { type Step, step } from './step.ts'
import { startStreamFunction } from './stream-function.ts'

const DEFAULT_TENANT = 'default'

export type LocalCloudOptions = {
  ports: { frontDoor: number; emulator: number; llm: number }
  /** Holds state, outputs, cloud assembly and logs of this copy. */
  stateDir: string
  environment: LocalEnvironment
  /** Called with the emulator's process id as soon as it runs. */
  onEmulator?: (pid: number) => Promise<void>
}

export type TokenOptions = {
  /** @default local-developer */
  subject?: string
  /** @default default */
  tenant?: string
  /** All of them when absent. */
  scopes?: readonly Scope[]
  /** Negative for a token that has expired. @default 12 hours */
  expiresInSeconds?: number
}

/** The running cloud. */
export type LocalCloud = Cloud & {
  frontDoorUrl: string
  outputs: Outputs
  scriptedLlm: ScriptedLlm
  /** Absent when somebody else runs the endpoint. */
  emulator: { pid: number; exited: Promise<void> } | undefined
  /** An access token, signed with the deployed secret. */
  token(options?: TokenOptions): Promise<string>
}

export type LocalCloudPlan = {
  /** In the order to show them. */
  steps: Step<unknown>[]
  /** Runs every step that has not run, and gives the result. */
  start(): Promise<LocalCloud>
  /** Breaks off what is under way, and stops everything that was started. */
  stop(): Promise<void>
}

/** What starting the local cloud consists of; nothing has begun yet. */
export function planLocalCloud({ ports, stateDir, environment, onEmulator }: LocalCloudOptions): LocalCloudPlan {
  const { region } = environment
  const assembly = join(stateDir, 'cdk.out')
  const log = (name: string) => join(stateDir, 'logs', `${name}.log`)
  const abort = new AbortController()
  const { signal } = abort
  const cleanups: (() => Promise<void>)[] = []
  /** Remembers how to stop what was started. */
  const started = <Thing>(thing: Thing, stop: () => Promise<void>): Thing => {
    cleanups.push(stop)
    return thing
  }

  const install = step('Install the emulator', [], () => (environment.endpointUrl ? undefined : ensureVirtualEnvironment(signal)))
  const endpoint = step('Start the emulator', [install], async (python): Promise<Cloud & Pick<LocalCloud, 'emulator'>> => {
    if (python === undefined) return { endpointUrl: environment.endpointUrl ?? '', region, emulator: undefined }
    // Addresses of queues hold the port, so what was stored belongs to it.
    const state = join(stateDir, 'state', String(ports.emulator))
    const logFile = log('emulator')
    const emulator = await startEmulator({ python, port: ports.emulator, region, stateDir: state, logFile, signal })
    started(emulator, emulator.stop)
    await onEmulator?.(emulator.pid)
    return { endpointUrl: emulator.url, region, emulator }
  })
  const bootstrapped = step('Bootstrap the account', [endpoint], (cloud) => ensureBootstrapped({ ...cloud, signal }))
  const settings: Settings = {
    ...(!environment.requireAuth && { auth: 'off' }),
    ...(!environment.metrics && { metrics: false }),
    ...ratesOf(environment),
    ...modelOf(environment),
  }
  const synthesised = step('Synthesise the app', [], () => ensureSynthesised(assembly, settings, signal))
  const deployed = step('Deploy the app', [endpoint, bootstrapped, synthesised], (cloud) => {
    const files = { assembly, outputs: join(stateDir, 'outputs.json'), deployed: join(stateDir, 'deployed.sha256') }
    return ensureDeployed(files, { ...cloud, signal })
  })
  const scriptedLlm = step('Start the scripted LLM', [], async () => {
    const server = await startScriptedLlm({ port: ports.llm })
    return started(server, server.close)
  })
  const built = step('Build the console', [synthesised], () => ensureConsole(signal))
  const frontDoor = step('Open the front door', [endpoint, deployed, built], async (cloud, outputs) => {
    const stream = await startStreamFunction({ cloud, outputs, assembly, logFile: log('stream') })
    started(stream, stream.stop)
    const door = await startFrontDoor({
      port: ports.frontDoor,
      endpointUrl: cloud.endpointUrl,
      httpApiId: output(outputs, OUTPUT.httpApiId),
      socketApiId: output(outputs, OUTPUT.socketApiId),
      streamUrl: stream.url,
      preflight: askFunction(lambdaClient(cloud), output(outputs, functionOutput('http'))),
      consoleDirectory: CONSOLE_DIRECTORY,
      open: !environment.requireAuth,
      signIn: localSignIn(secretsManagerClient(cloud), output(outputs, OUTPUT.tokenSecretName)),
    })
    return started(door, door.close)
  })
  const running = step(
    'Register the demo agents',
    [endpoint, deployed, scriptedLlm, frontDoor],
    async (cloud, outputs, llm, door) => {
      const secrets = secretsManagerClient(cloud)
      const token = tokenMint(await readSecret(secrets, output(outputs, OUTPUT.tokenSecretName)))
      const agents = demoAgents(llm.url, environment)
      await storeProviderSecrets(secrets, platformName('local'), [...agents, ...environmentKeys(environment)])
      await registerAgents(door.url, await token(), agents)
      await registerDeclaredAgents(cloud, outputs)
      return { ...cloud, frontDoorUrl: door.url, outputs, scriptedLlm: llm, token }
    },
  )

  const steps = [install, endpoint, bootstrapped, synthesised, deployed, scriptedLlm, built, frontDoor, running]
  return {
    steps,
    start: () => running.run(),
    async stop() {
      abort.abort()
      await Promise.all(steps.map((each) => each.settled()))
      const results = await Promise.allSettled(cleanups.splice(0).map((cleanup) => cleanup()))
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  }
}

/** A tenant has as many callers as ten of them are. */
const ratesOf = ({ rateLimitPerMinute: rate }: LocalEnvironment): Settings =>
  rate === undefined ? {} : { requestsPerMinute: rate, tenantRequestsPerMinute: rate * 10 }

/** The stage's own model; its key is a secret like the others. */
const modelOf = ({ llm }: LocalEnvironment): Settings => ({
  ...(llm && { llmModel: llm.model }),
  ...(llm?.endpoint && { llmEndpoint: llm.endpoint }),
  ...(llm?.apiKey && { llmApiKeySecretArn: serviceSecretName(platformName('local'), DEFAULT_SERVICE) }),
  ...(llm?.timeoutSeconds && { llmTimeoutSeconds: llm.timeoutSeconds }),
  ...(llm?.maxTokens && { llmMaxTokens: llm.maxTokens }),
})

/** Mints access tokens with this secret. */
function tokenMint(secret: string): LocalCloud['token'] {
  return ({ subject = 'local-developer', tenant = DEFAULT_TENANT, scopes = SCOPES, expiresInSeconds = 43_200 } = {}) =>
    mintToken({ subject, tenant, scopes, expiresInSeconds }, secret)
}
