import { afterEach, beforeEach, expect, it } from 'vitest'
import { answer } from '../../helpers/execution-events.ts'
import { runCli, startCli } from '../../helpers/run-cli.ts'
import { problem, type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

// A process each, on a busy machine.
const LIMIT = 30_000

let door: ScriptedFrontDoor

beforeEach(async () => {
  door = await startScriptedFrontDoor()
  door.on('POST /v1/executions', () => ({ status: 202, body: { executionId: 'e1', status: 'queued' } }))
})
afterEach(() => door.stop())

const env = () => ({ SLUICE_URL: door.url, SLUICE_TOKEN: 'token' })

it(
  'streams an answer to stdout, token by token, and ends at once after it',
  async () => {
    const events = answer(['Hel', 'lo'])
    const cli = startCli(['chat', 'assistant', 'Hi'], { env: env() })
    const server = await door.connection()
    await server.confirm('s1')

    server.events('s1', events.slice(0, 2))
    await cli.says('Hel')
    server.events('s1', events.slice(2))

    expect(await cli.end).toEqual({ code: 0, stdout: 'Hello\n', stderr: '' })
    expect(door.requests).toMatchObject([{ body: { agentId: 'assistant', input: { content: 'Hi' } } }])
  },
  LIMIT,
)

it(
  'reads the text from stdin',
  async () => {
    const cli = startCli(['chat', 'assistant'], { env: env(), stdin: 'from a pipe' })
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', answer(['Hello']))

    expect(await cli.end).toMatchObject({ code: 0, stdout: 'Hello\n' })
    expect(door.requests).toMatchObject([{ body: { input: { content: 'from a pipe' } } }])
  },
  LIMIT,
)

it(
  'goes on after a cut, without a word twice',
  async () => {
    const events = answer(['Hel', 'lo'])
    const cli = startCli(['chat', 'assistant', 'Hi'], { env: env() })
    const first = await door.connection()
    await first.confirm('s1')
    first.events('s1', events.slice(0, 2))
    await cli.says('Hel')
    first.cut()

    const second = await door.connection()
    expect(await second.confirm('s2')).toBe(1)
    second.events('s2', events.slice(2))

    expect(await cli.end).toEqual({ code: 0, stdout: 'Hello\n', stderr: '' })
  },
  LIMIT,
)

it(
  'leaves on Ctrl-C with 130',
  async () => {
    const cli = startCli(['chat', 'assistant', 'Hi'], { env: env() })
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', answer(['Hel', 'lo']).slice(0, 2))
    await cli.says('Hel')

    cli.interrupt()

    expect(await cli.end).toEqual({
      code: 130,
      stdout: 'Hel',
      stderr: '\nleft; the agent goes on: npx sluice tail execution:e1\n',
    })
    await server.closed
  },
  LIMIT,
)

it(
  'ends without noise when the reader of its output leaves',
  async () => {
    const events = answer(Array.from({ length: 50 }, (_, index) => `word${index} `))
    const cli = startCli(['tail', 'execution:e1', '--json'], { env: env() })
    const server = await door.connection()
    await server.confirm('s1')
    server.events('s1', events.slice(0, 2))
    await cli.says('word0')

    cli.stopReading()
    server.events('s1', events.slice(2))

    expect(await cli.end).toMatchObject({ code: 141, stderr: '' })
  },
  LIMIT,
)

it.each([
  ['a refused call', ['agents'], 1, 'error forbidden: this needs the scope "agents:read" (use a token that has this scope)\n'],
  [
    'wrong usage',
    ['agents', 'fire'],
    2,
    'error usage: "agents fire" does not exist (npx sluice agents --help shows what there is)\n',
  ],
])(
  'answers %s with its exit code and one line',
  async (_, args, code, stderr) => {
    door.on('GET /v1/agents', () => problem('forbidden', 'this needs the scope "agents:read"'))

    expect(await runCli(args, { env: env() })).toEqual({ code, stdout: '', stderr })
  },
  LIMIT,
)

it.each([
  ['agents', ['agents']],
  ['tail', ['tail', 'news']],
])(
  'answers 3 in %s when nobody is there',
  async (_, args) => {
    await door.stop()
    const nobody = env()
    door = await startScriptedFrontDoor()

    const { code, stdout, stderr } = await runCli(args, { env: nobody })

    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^error network_error: .+\(start the local cloud with "npm start", .+\)\n$/)
  },
  LIMIT,
)
