/**
 * Sends every operation of the API what its description allows and what it forbids, and compares the answers with the description.
 *
 *   npm run test:api                                      the local cloud that runs
 *   npm run test:api -- --url https://… --token <token>   any other; the token also from SLUICE_TOKEN
 *   npm run test:api -- --examples 100 --seed 7           more requests of each operation, and always the same ones
 *
 * Takes the token of a tenant of its own: what can be made is made, and what can be deleted is deleted.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { resolveUrl } from '../../cli/connect.ts'
import { type CliEnvironment, readEnvironment } from '../../cli/environment.ts'
import { openLocalMint } from '../../cli/local-token.ts'
import { ensurePythonTool } from '../helpers/python-tool.ts'

const TENANT = 'schemathesis'
const TOOL = { command: 'schemathesis', requirements: 'test/schemathesis/requirements.txt' }

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    examples: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})

const environment = readEnvironment()
const url = await resolveUrl(values, environment)
const token = values.token ?? environment.token ?? (await ownToken(environment))
const [exitCode] = await once(spawn(await ensurePythonTool(TOOL), arguments_(), { stdio: 'inherit' }), 'exit')
process.exitCode = exitCode ?? 1

async function ownToken(environment: CliEnvironment): Promise<string> {
  const mint = await openLocalMint(environment, AbortSignal.timeout(10_000))
  return mint({ subject: TENANT, tenant: TENANT, scopes: SCOPES, expiresInSeconds: 3_600 })
}

function arguments_(): string[] {
  return [
    'run',
    new URL('/v1/openapi.json', url).href,
    ...['--url', url],
    ...['--header', `Authorization: Bearer ${token}`],
    // Requests that the description forbids may be taken all the same where a newer client may say more than this server knows.
    ...['--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'],
    ...['--phases', 'examples,coverage,fuzzing'],
    ...['--max-examples', values.examples],
    ...['--seed', values.seed],
    ...['--continue-on-failure', '--no-shrink', '--warnings', 'off', '--request-timeout', '30'],
    ...(values.only === undefined ? [] : ['--include-operation-id', values.only]),
  ]
}
