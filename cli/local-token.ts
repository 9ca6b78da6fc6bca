import { randomBytes } from 'node:crypto'
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { mintToken, type TokenRequest } from '#shared/access/token.ts'
import { platformName, tokenSecretName } from '#shared/platform/names.ts'
import type { CliEnvironment } from './environment.ts'
import { CliError } from './errors.ts'
import { EXIT_CODE } from './exit-code.ts'
import { startedLocalCloud } from './local-cloud.ts'

const SECRET_NAME = tokenSecretName(platformName('local'))

/** Makes access tokens of the local stage; signing needs no further call. */
export type LocalMint = (request: TokenRequest) => Promise<string>

/**
 * Reads the secret that signs the tokens of the local stage, with credentials that open nothing but an emulator: the secret of a
 * stage in a real account never gets here.
 *
 * @throws CliError when no local cloud runs, or it is not ready
 */
export async function openLocalMint(environment: CliEnvironment, signal: AbortSignal): Promise<LocalMint> {
  const secret = await readTokenSecret(await findEmulator(environment), signal)
  return (request) => mintToken(request, secret)
}

/**
 * Gives the local stage a new secret for tokens. The one before stays good: Secrets Manager keeps it as the previous version.
 *
 * @returns the name of the secret
 * @throws CliError when no local cloud runs
 */
export async function rotateLocalSecret(environment: CliEnvironment, signal: AbortSignal): Promise<string> {
  const emulator = await findEmulator(environment)
  await withSecrets(emulator, async (client) => {
    const SecretString = randomBytes(48).toString('base64url')
    await client.send(new PutSecretValueCommand({ SecretId: SECRET_NAME, SecretString }), { abortSignal: signal })
  })
  return SECRET_NAME
}

export interface Emulator {
  endpoint: string
  region: string
}

/** @throws CliError when no local cloud runs */
export async function findEmulator({ endpointUrl, region, stateDir }: CliEnvironment): Promise<Emulator> {
  if (endpointUrl !== undefined) return { endpoint: endpointUrl, region }
  const running = await startedLocalCloud(stateDir)
  if (running?.endpointUrl !== undefined) return { endpoint: running.endpointUrl, region: running.region ?? region }
  if (running)
    throw new CliError('no_local_cloud', 'the local cloud is still starting', 'wait until "npm start" says that it is ready')
  throw new CliError(
    'no_local_cloud',
    'no local cloud runs, so there is no secret to sign a token with',
    'start it with "npm start"; for another stage give --token or SLUICE_TOKEN',
    { exitCode: EXIT_CODE.unreachable },
  )
}

async function readTokenSecret(emulator: Emulator, signal: AbortSignal): Promise<string> {
  const command = new GetSecretValueCommand({ SecretId: SECRET_NAME })
  const answer = await withSecrets(emulator, (client) => client.send(command, { abortSignal: signal }))
  if (answer.SecretString) return answer.SecretString
  throw missingSecret(emulator)
}

async function withSecrets<Answer>(emulator: Emulator, call: (client: SecretsManagerClient) => Promise<Answer>): Promise<Answer> {
  const { endpoint, region } = emulator
  const client = new SecretsManagerClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  })
  try {
    return await call(client)
  } catch (cause) {
    if (cause instanceof ResourceNotFoundException) throw missingSecret(emulator)
    throw new CliError('no_local_cloud', `no local cloud answers at ${endpoint}`, 'start it with "npm start"', {
      exitCode: EXIT_CODE.unreachable,
      cause,
    })
  } finally {
    client.destroy()
  }
}

const missingSecret = ({ endpoint }: Emulator): CliError =>
  new CliError(
    'no_local_cloud',
    `the secret "${SECRET_NAME}" is not at ${endpoint}`,
    'wait until "npm start" says that it is ready',
  )
