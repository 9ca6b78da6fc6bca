import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import budgets from '../../../scripts/bundle-budgets.json' with { type: 'json' }
import { clientSizes } from '../../../scripts/client/bundle.ts'
import { run } from '../../../scripts/run.ts'
import { answer } from '../../helpers/execution-events.ts'
import { type ScriptedFrontDoor, startScriptedFrontDoor } from '../../helpers/scripted-front-door.ts'

/** Building takes a compiler and a bundler. */
const LIMIT = 60_000

/** A project that has installed the client, and nothing else of this repository. */
let project: string
let door: ScriptedFrontDoor

const inProject = (name: string, text: string): string => {
  const file = join(project, name)
  writeFileSync(file, text)
  return file
}

beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'sluice-client-'))
  const installed = join(project, 'node_modules/sluice')
  mkdirSync(installed, { recursive: true })
  writeFileSync(join(installed, 'package.json'), readFileSync('package.json'))
  const { code, output } = await run('node', ['scripts/build-client.ts', join(installed, 'dist/client')], { limitSeconds: 50 })
  expect(output).toContain('index.js')
  expect(code).toBe(0)
  door = await startScriptedFrontDoor()
}, LIMIT)
afterAll(async () => {
  await door.stop()
  rmSync(project, { recursive: true, force: true })
})

it('streams an answer in Node, and lets the program end', { timeout: LIMIT }, async () => {
  const program = inProject(
    'program.mjs',
    `import { createClient } from 'sluice/client'
     const client = createClient({ baseUrl: '${door.url}', token: 'token' })
     const { text, verified } = await client.execution('e1').done
     client.close()
     console.log(JSON.stringify({ text, verified }))`,
  )
  const ended = run('node', [program], { limitSeconds: 10 })
  const socket = await door.connection()
  await socket.confirm('s1')
  socket.events('s1', answer(['Hel', 'lo']))

  expect(await ended).toMatchObject({ code: 0, output: '{"text":"Hello","verified":true}\n' })
})

it('streams without a socket, with what it loads on demand', { timeout: LIMIT }, async () => {
  door.allowStreams()
  const program = inProject(
    'streaming.mjs',
    `import { createClient } from 'sluice/client'
     const client = createClient({ baseUrl: '${door.url}', token: 'token', transports: ['sse'] })
     console.log((await client.execution('e1').done).text)
     client.close()`,
  )
  const ended = run('node', [program], { limitSeconds: 20 })
  ;(await door.stream()).events(answer(['Hello']))

  expect(await ended).toMatchObject({ code: 0, output: 'Hello\n' })
})

it('has types that stand for themselves, and tell events apart', { timeout: LIMIT }, async () => {
  const consumer = inProject(
    'consumer.ts',
    `import { type ExecutionEvent, type TopicEvent, createClient } from 'sluice/client'
     import { type UseExecution } from 'sluice/client/react'
     const client = createClient({ baseUrl: 'http://localhost', token: async () => 'token', transports: ['socket', 'poll'] })
     export const said = (event: ExecutionEvent): string => (event.type === 'content_chunk' ? event.data.text : event.type)
     export const why = (event: ExecutionEvent): string => (event.type === 'failed' ? event.data.code : '')
     export const message = (event: TopicEvent): string => event.data.source
     export const shown = ({ text, loading, data }: UseExecution): string => (loading ? text : (data?.sha256 ?? ''))
     // @ts-expect-error -- there is no such event
     export const wrong = (event: ExecutionEvent): boolean => event.type === 'content'
     client.execution('e1').on({ text: (text) => console.log(text.length), done: ({ verified }) => console.log(verified) })`,
  )
  const compilerOptions = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, module: 'nodenext', types: [] }
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  const config = inProject('tsconfig.json', JSON.stringify({ compilerOptions, files: [consumer] }))

  const { code, output } = await run('tsc', ['-p', config], { limitSeconds: 50 })

  expect(output).toBe('')
  expect(code).toBe(0)
  const folder = join(project, 'node_modules/sluice/dist/client')
  for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file), 'utf8')).not.toMatch(/zod|#shared/)
})

it('stays within its budget', async () => {
  const { eager } = await clientSizes('index')
  expect(eager).toBeLessThanOrEqual(budgets.webClient)
  expect((await clientSizes('react')).eager).toBeLessThan(1_024)
})

it('is described by the manifest of the package', () => {
  const { exports: entries, files } = JSON.parse(readFileSync(resolve('package.json'), 'utf8'))
  expect(Object.keys(entries)).toEqual(['./client', './client/react'])
  expect(files).toEqual(['dist/client'])
})
