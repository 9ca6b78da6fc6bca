import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { CliClient } from '../../../../cli/connect.ts'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'
import { anAgent } from '../../../helpers/executions.ts'

const template = {
  name: 'writers',
  definition: { name: 'Writer' },
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}

async function run(client: Partial<CliClient>, ...args: string[]) {
  const context = cliContext({ client, stdin: '{"name":"From stdin"}' })
  const exitCode = await main(['agents', ...args], context)
  return { exitCode, out: context.out(), err: context.err() }
}

async function aFile(content: unknown): Promise<string> {
  const directory = await mkdtempDisposable('/tmp/sluice-cli-')
  onTestFinished(() => directory.remove())
  const file = join(directory.path, 'agent.json')
  await writeFile(file, JSON.stringify(content))
  return file
}

describe('create', () => {
  it('reads the definition from a file', async () => {
    const createAgent = vi.fn(async () => anAgent())

    expect(await run({ createAgent }, 'create', '-f', await aFile({ name: 'Writer' }))).toMatchObject({ exitCode: 0 })

    expect(createAgent).toHaveBeenCalledWith({ name: 'Writer', autoStart: true }, expect.anything())
  })

  it('goes over a template', async () => {
    const createAgent = vi.fn(async () => anAgent())

    await run({ createAgent }, 'create', '--template', 'writers', '{"agentId":"ann"}')
    await run({ createAgent }, 'create', '--template', 'writers', '--no-start')

    const [named, unnamed] = createAgent.mock.calls as unknown[][]
    expect(named?.[0]).toEqual({ agentId: 'ann', template: 'writers', autoStart: true })
    expect(unnamed?.[0]).toEqual({ template: 'writers', autoStart: false })
  })
})

describe('update', () => {
  it('patches fields, over those of a file', async () => {
    const patchAgent = vi.fn(async () => anAgent({ version: 4 }))
    const file = await aFile({ name: 'Old', domain: 'loans' })

    const { exitCode, out } = await run({ patchAgent }, 'update', 'assistant', 'name=New', 'llm.maxTokens=100', '-f', file)

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: 'assistant is of version 4\n' })
    const patch = { name: 'New', domain: 'loans', llm: { maxTokens: 100 } }
    expect(patchAgent).toHaveBeenCalledWith('assistant', patch, { signal: expect.any(AbortSignal) })
  })

  it.each([[['update']], [['update', 'assistant']], [['update', 'assistant', 'name']], [['show', 'assistant', '-f', 'x']]])(
    'asks for what is missing in %j',
    async (args) => {
      expect(await run({}, ...args)).toMatchObject({ exitCode: 2, out: '' })
    },
  )
})

describe('templates', () => {
  it('are listed, shown, stored and deleted', async () => {
    const client = {
      agentTemplates: async () => [template],
      agentTemplate: async () => template,
      putAgentTemplate: vi.fn(async () => template),
      deleteAgentTemplate: vi.fn(async () => undefined),
    }

    expect((await run(client, 'templates')).out).toContain('writers')
    expect(JSON.parse((await run(client, 'templates', 'show', 'writers')).out)).toEqual(template)
    expect((await run(client, 'templates', 'put', 'writers', '-f', '-')).out).toBe('the template writers is stored\n')
    expect(client.putAgentTemplate).toHaveBeenCalledWith('writers', { definition: { name: 'From stdin' } }, expect.anything())
    expect((await run(client, 'templates', 'delete', 'writers')).out).toBe('the template writers is deleted\n')
    expect(client.deleteAgentTemplate).toHaveBeenCalledWith('writers', expect.anything())
  })

  it.each([[['templates', 'show']], [['templates', 'burn', 'writers']], [['templates', 'put', 'writers']]])(
    'do not know %j',
    async (args) => {
      expect(await run({}, ...args)).toMatchObject({ exitCode: 2 })
    },
  )
})

it('shows where settings come from, and of secrets whether they are there', async () => {
  const agentConfiguration = async () => ({
    agentId: 'assistant',
    settings: [
      { name: 'llm.apiKey', source: 'secret' as const, secret: { name: 'sluice-local-openai-secret', exists: false } },
      { name: 'maxQueue', source: 'default' as const, value: 10_000 },
    ],
  })

  const { out } = await run({ agentConfiguration }, 'configuration', 'assistant')

  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['SETTING', 'FROM', 'VALUE'],
    ['llm.apiKey', 'secret', 'sluice-local-openai-secret (missing)'],
    ['maxQueue', 'default', '10000'],
    [''],
  ])
})
