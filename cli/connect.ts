import { SCOPES } from '#shared/protocol/scopes.ts'
import { createAccessToken } from '../web/client/access-token.ts'
import { createHttpClient, type HttpCaller } from '../web/client/http.ts'
import { type Client, createClient } from '../web/client/index.ts'
import { type OperatorCalls, operatorCalls } from '../web/client/operator-calls.ts'
import type { CliEnvironment } from './environment.ts'
import { CliError, UsageError } from './errors.ts'
import { findLocalCloud } from './local-cloud.ts'

/** What the command line says about the other side; the rest comes from the environment. */
export interface Target {
  url?: string | undefined
  token?: string | undefined
}

const DEFAULT_URL = 'http://localhost:8787'
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The client of the front door, with the calls of operators besides. */
export type CliClient = Client & OperatorCalls

/** Longest wait for an answer, in milliseconds: as long as the API may take. */
const REQUEST_MS = 30_000

/** Validity of a token that is made for one call, in seconds. */
const TOKEN_SECONDS = 300

/**
 * A client of the front door that the options, the environment or the running local cloud name.
 *
 * @throws UsageError when the address is none
 * @throws CliError when there is no token, and none can be made
 */
export async function connect(target: Target, environment: CliEnvironment, signal: AbortSignal): Promise<CliClient> {
  const door = await doorOf(target, environment, signal)
  return Object.assign(createClient(door), operatorCalls(httpOf(door)))
}

/** The same for single calls. @throws UsageError, CliError as {@link connect} */
export async function connectHttp(target: Target, environment: CliEnvironment, signal: AbortSignal): Promise<HttpCaller> {
  return httpOf(await doorOf(target, environment, signal))
}

const httpOf = ({ baseUrl, token }: Awaited<ReturnType<typeof doorOf>>): HttpCaller =>
  createHttpClient({ baseUrl, token: createAccessToken(token), requestMs: REQUEST_MS })

async function doorOf(target: Target, environment: CliEnvironment, signal: AbortSignal) {
  const baseUrl = await resolveUrl(target, environment)
  const token = target.token ?? environment.token ?? (await localToken(baseUrl, environment, signal))
  return { baseUrl, token }
}

/** Where the front door is: as the option says, the environment, the running local cloud, or by default. */
export async function resolveUrl({ url }: Target, environment: CliEnvironment): Promise<string> {
  const text = url ?? environment.url ?? (await findLocalCloud(environment.stateDir))?.frontDoorUrl ?? DEFAULT_URL
  const parsed = URL.parse(text)
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed.origin
  throw new UsageError(
    `"${text}" is not the address of a front door`,
    'use an http or https address, for instance http://localhost:8787',
  )
}

/** A front door on this machine is a local cloud's: its tokens are made here, a fresh one for each call. */
export async function localToken(
  baseUrl: string,
  environment: CliEnvironment,
  signal: AbortSignal,
): Promise<() => Promise<string>> {
  if (!LOOPBACK.includes(new URL(baseUrl).hostname)) {
    throw new CliError('unauthorized', `${baseUrl} needs an access token`, 'give one with --token or SLUICE_TOKEN')
  }
  const { openLocalMint } = await import('./local-token.ts')
  const mint = await openLocalMint(environment, signal)
  return () => mint({ subject: 'cli', tenant: 'default', scopes: SCOPES, expiresInSeconds: TOKEN_SECONDS })
}
