import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkEndpoint, checkNode, checkPorts } from './check-machine.ts'
import { readEnvironment } from './environment.ts'
import { firstReply } from './first-reply.ts'
import { type LocalCloud, planLocalCloud } from './local-cloud.ts'
import { LocalCloudError } from './local-cloud-error.ts'
import { claimStateDirectory, releaseStateDirectory, writeRunRecord } from './run-record.ts'
import { showProgress } from './show-progress.ts'
import { parseStartOptions, type StartOptions, USAGE } from './start-options.ts'

/** What `--reset` forgets; the installed emulator and the logs stay. */
const STORED = ['state', 'outputs.json', 'deployed.sha256', 'cdk.out']

const OPEN = `
  ⚠ AUTHENTICATION IS OFF (REQUIRE_AUTH=false): whoever reaches this machine's port is admin of the tenant "default".`

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort())
const interrupted = new Promise<'interrupted'>((resolve) => {
  interruption.signal.addEventListener('abort', () => resolve('interrupted'), { once: true })
})

async function main(options: StartOptions): Promise<void> {
  if (options.help) return console.log(USAGE)
  checkNode()
  await mkdir(options.stateDir, { recursive: true })
  await claimStateDirectory(options.stateDir)
  try {
    await run(options)
  } finally {
    await releaseStateDirectory(options.stateDir)
  }
}

async function run({ port, emulatorPort, llmPort, stateDir, reset }: StartOptions): Promise<void> {
  const environment = readEnvironment()
  const ports = { '--port': port, '--llm-port': llmPort }
  await checkPorts(environment.endpointUrl ? ports : { ...ports, '--emulator-port': emulatorPort })
  if (environment.endpointUrl) await checkEndpoint(environment.endpointUrl)
  if (reset) for (const name of STORED) await rm(join(stateDir, name), { recursive: true, force: true })

  const began = performance.now()
  const plan = planLocalCloud({
    ports: { frontDoor: port, emulator: emulatorPort, llm: llmPort },
    stateDir,
    environment,
    onEmulator: (emulatorPid) => writeRunRecord(stateDir, { pid: process.pid, emulatorPid }),
  })
  try {
    const outcome = await Promise.race([showProgress(plan.steps, process.stdout.isTTY), interrupted])
    if (outcome === 'interrupted') {
      process.exitCode = 130
      return
    }
    const cloud = await plan.start()
    await writeRunRecord(stateDir, recordOf(cloud))
    if (!environment.requireAuth) console.warn(OPEN)
    await welcome(cloud, began)
    await Promise.race([interrupted, emulatorEnded(cloud, stateDir)])
  } finally {
    console.log('\nStopping …')
    await plan.stop()
  }
}

const recordOf = ({ emulator, frontDoorUrl, endpointUrl, region }: LocalCloud) => ({
  pid: process.pid,
  emulatorPid: emulator?.pid,
  frontDoorUrl,
  endpointUrl,
  region,
})

/** Shows where everything is, and proves that it works. A failed proof is told, and the cloud stays up for a look. */
async function welcome(cloud: LocalCloud, began: number): Promise<void> {
  const token = await cloud.token()
  console.log(`
  Console     ${cloud.frontDoorUrl}
  Sign in     ${cloud.frontDoorUrl}/#token=${token}
  AWS API     ${cloud.endpointUrl} (region ${cloud.region})
  Model       ${cloud.scriptedLlm.url} (scripted)
`)
  const content = 'Say hello, and what you are for.'
  console.log(`  You         ${content}`)
  process.stdout.write('  assistant   ')
  try {
    const baseUrl = cloud.frontDoorUrl
    const reply = await firstReply({ baseUrl, token, agentId: 'assistant', content, signal: interruption.signal }, (text) => {
      process.stdout.write(text)
    })
    const total = ((performance.now() - began) / 1_000).toFixed(1)
    console.log(`\n
  First token ${reply.firstTokenMs.toFixed(0)} ms after the question; ${reply.events} events, complete and verified. ${total} s in all.`)
  } catch (error) {
    if (interruption.signal.aborted) return
    if (!(error instanceof LocalCloudError)) throw error
    console.error(`\n\n✖ ${error.message}\n  ${error.advice}`)
  }
  console.log('  Next: npx sluice chat assistant "How are you?" · Ctrl-C stops everything.')
}

/** Never settles while the emulator runs. */
async function emulatorEnded({ emulator }: LocalCloud, stateDir: string): Promise<never> {
  if (!emulator) return new Promise<never>(() => undefined)
  await emulator.exited
  throw new LocalCloudError('the emulator has ended by itself', `its log says why: ${join(stateDir, 'logs', 'emulator.log')}`)
}

try {
  await main(parseStartOptions(process.argv.slice(2)))
} catch (error) {
  process.exitCode = 1
  if (error instanceof LocalCloudError) console.error(`\n✖ ${error.message}\n  ${error.advice}`)
  else console.error(error)
}
