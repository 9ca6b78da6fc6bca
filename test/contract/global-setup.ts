import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmulator } from '../../localstack/emulator/emulator.ts'
import { ensureVirtualEnvironment } from '../../localstack/emulator/virtual-environment.ts'
import { readEnvironment } from '../../localstack/environment.ts'
import { SLUICE_DIR } from '../../localstack/paths.ts'
import { freePort } from '../../localstack/process/ports.ts'
import { startDynamodbLocal } from '../helpers/dynamodb-local.ts'
import '../helpers/provided-context.ts'
import { CONTRACT_TABLES, createTables, dynamoClientFor } from '../helpers/tables.ts'

type Database = { name: string; url: string; stop(): Promise<void> }

/** Starts a bare emulator and, where Java and Maven are there, DynamoDB Local; both with the three tables. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = await Promise.allSettled([ministack(), dynamodbLocal()])
  const databases = started.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []))
  const stop = async () => {
    await Promise.all(databases.map((database) => database.stop()))
  }
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason
    for (const { url } of databases) await createTables(dynamoClientFor(url), CONTRACT_TABLES)
  } catch (error) {
    await stop()
    throw error
  }
  project.provide(
    'dynamoEndpoints',
    databases.map(({ name, url }) => ({ name, url })),
  )
  project.provide('emulatorUrl', databases[0]?.url ?? '')
  return stop
}

async function ministack(): Promise<Database> {
  const [python, port] = await Promise.all([ensureVirtualEnvironment(), freePort()])
  const logFile = join(SLUICE_DIR, 'logs', `contract-emulator-${port}.log`)
  return { name: 'MiniStack', ...(await startEmulator({ python, port, region: 'us-east-1', logFile })) }
}

/** @returns undefined on a developer's machine without Java or Maven; there the tests run on the emulator alone, and say so */
async function dynamodbLocal(): Promise<Database | undefined> {
  try {
    return { name: 'DynamoDB Local', ...(await startDynamodbLocal(await freePort())) }
  } catch (error) {
    if (readEnvironment().ci) throw error
    console.warn(`contract tests run without DynamoDB Local (it needs Java and Maven): ${String(error)}`)
    return undefined
  }
}
