import { randomUUID } from 'node:crypto'
import { access, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { childEnvironment } from '../../localstack/environment.ts'
import { PROJECT_ROOT, SLUICE_DIR } from '../../localstack/paths.ts'
import { startChildProcess } from '../../localstack/process/child-process.ts'
import { runCommand } from '../../localstack/process/run-command.ts'
import { answersHttp, waitUntil } from '../../localstack/process/wait-until.ts'

const JARS = join(SLUICE_DIR, 'dynamodb-local')
const POM = join(PROJECT_ROOT, 'test', 'fixtures', 'dynamodb-local', 'pom.xml')
const MAIN_CLASS = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** For a server that lives for two minutes: no second compiler and no collector on threads of its own, which would take the processor from the tests. */
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/**
 * Starts DynamoDB Local in memory. Its jars come from Maven once and stay in the project.
 *
 * @throws Error when there is no Java, no Maven, or the jars cannot be had
 */
export async function startDynamodbLocal(port: number): Promise<{ url: string; stop(): Promise<void> }> {
  const jars = await ensureJars()
  const server = await startChildProcess({
    command: 'java',
    args: [
      ...QUICK,
      `-Djava.library.path=${jars}`,
      '-cp',
      join(jars, '*'),
      MAIN_CLASS,
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
    ],
    env: childEnvironment({}),
    cwd: PROJECT_ROOT,
    logFile: join(SLUICE_DIR, 'logs', `dynamodb-local-${port}.log`),
  })
  const url = `http://127.0.0.1:${port}`
  const ready = await waitUntil(async () => !server.isRunning() || (await answersHttp(url)), { timeoutMs: 60_000 })
  if (!ready || !server.isRunning()) {
    await server.stop()
    throw new Error('DynamoDB Local did not come up; its log is in .sluice/logs')
  }
  return { url, stop: () => server.stop(2_000) }
}

/** One folder per version of the pom, filled aside and then renamed: an interrupted download leaves nothing half done. */
async function ensureJars(): Promise<string> {
  const version = /<version>(\d+\.\d+\.\d+)<\/version>/.exec(await readFile(POM, 'utf8'))?.[1]
  const folder = join(JARS, String(version))
  const options = { env: childEnvironment({}), cwd: PROJECT_ROOT }
  await runCommand('java', ['-version'], { ...options, timeoutMs: 10_000 })
  if (await exists(folder)) return folder
  const filling = `${folder}-${randomUUID().slice(0, 8)}`
  try {
    const args = ['-q', '-B', '-f', POM, COPY_DEPENDENCIES, `-DoutputDirectory=${filling}`, '-DincludeScope=runtime']
    await runCommand('mvn', args, { ...options, timeoutMs: 300_000 })
    if (!(await exists(folder))) await rename(filling, folder)
    return folder
  } finally {
    await rm(filling, { recursive: true, force: true })
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
