/**
 * Sends every operation of the API what its description allows and what it forbids, and compares the answers with the description.
 *
 *   npm run test:api                                      the local cloud that runs
 *   npm run test:api -- --url https://… --token <token>   any other; the token also from SLUICE_TOKEN
 *   npm run test:api -- --examples 100 --seed 7           more requests of each operation, and always the same ones
 *   npm run test:api -- --chapter Models                  one chapter of docs/api-operations.md
 *   npm run test:api -- --path /v1/topics                 what is below a path
 *   npm run test:api -- --phases coverage --only listAgents,getAgent   each limit of each field; takes minutes for definitions of agents
 *
 * Goes chapter by chapter and says how far it is: all of them take twenty minutes on a busy machine. Takes the token of a tenant of its own: what can
 * be made is made, and what can be deleted is deleted.
 *
 * What it finds is no fault of the API where the gateway has answered in its place, with `{"message":"Not Found"}`: the emulator does, to a path
 * with a line break in it (`%0A`).
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { SCOPES } from '#shared/protocol/scopes.ts'
import { resolveUrl } from '../../cli/connect.ts'
import { type CliEnvironment, readEnvironment } from '../../cli/environment.ts'
import { openLocalMint } from '../../cli/local-token.ts'
import { ensurePythonTool } from '../helpers/python-tool.ts'
import { chaptersOf, type DescribedOperations } from './chapters.ts'

const TENANT = 'schemathesis'
const TOOL = { command: 'schemathesis', requirements: 'test/schemathesis/requirements.txt' }

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    token: { type: 'string' },
    examples: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    phases: { type: 'string', default: 'examples,fuzzing' },
    only: { type: 'string' },
    path: { type: 'string' },
    chapter: { type: 'string' },
  },
})

const environment = readEnvironment()
const url = await resolveUrl(values, environment)
const token = values.token ?? environment.token ?? (await ownToken(environment))
const description = new URL('/v1/openapi.json', url)
const chapters = chaptersOf((await (await fetch(description)).json()) as DescribedOperations, values)
await ensureAgent()
const command = await ensurePythonTool(TOOL)
const failed: string[] = []
for (const [index, { name, operations }] of chapters.entries()) {
  console.log(`\n[${index + 1}/${chapters.length}] ${name}: ${operations.length} operations`)
  const began = performance.now()
  const [exitCode] = await once(spawn(command, arguments_(operations), { stdio: 'inherit' }), 'exit')
  const seconds = ((performance.now() - began) / 1_000).toFixed(0)
  console.log(`${name}: ${exitCode === 0 ? 'as described' : 'NOT as described'}, ${seconds} s`)
  if (exitCode !== 0) failed.push(name)
  // Somebody wants it to end.
  if (exitCode !== 0 && exitCode !== 1) break
}
console.log(failed.length === 0 ? '\nAll is as described.' : `\nNOT as described: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

/** One that takes whatever is asked of nobody in particular: a 503 says that there is none. */
async function ensureAgent(): Promise<void> {
  const body = JSON.stringify({
    agentId: TENANT,
    name: 'Takes everything',
    autoStart: true,
    llm: { provider: 'scripted', model: 'answer' },
  })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const { status } = await fetch(new URL('/v1/agents', url), { method: 'POST', headers, body })
  if (status !== 201 && status !== 409) throw new Error(`an agent could not be registered: the server answered ${status}`)
}

async function ownToken(environment: CliEnvironment): Promise<string> {
  const mint = await openLocalMint(environment, AbortSignal.timeout(10_000))
  return mint({ subject: TENANT, tenant: TENANT, scopes: SCOPES, expiresInSeconds: 3_600 })
}

function arguments_(operations: readonly string[]): string[] {
  return [
    'run',
    description.href,
    ...['--url', url],
    ...['--header', `Authorization: Bearer ${token}`],
    // Requests that the description forbids may be taken all the same where a newer client may say more than this server knows.
    ...['--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance'],
    ...['--phases', values.phases],
    ...['--max-examples', values.examples],
    ...['--seed', values.seed],
    ...['--continue-on-failure', '--no-shrink', '--warnings', 'off', '--request-timeout', '30'],
    ...operations.flatMap((operation) => ['--include-operation-id', operation]),
  ]
}
