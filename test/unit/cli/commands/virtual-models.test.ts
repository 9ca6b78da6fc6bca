import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import type { HttpCall } from '../../../../web/client/http.ts'
import { type ContextOptions, cliContext } from '../../../helpers/cli-context.ts'

const RULE = {
  strategy: 'fastest',
  candidates: [
    { provider: 'openai', model: 'gpt-4o-mini' },
    { provider: 'custom', model: 'meta-llama/llama-3', service: 'our-gateway' },
  ],
  needs: { tools: true, contextTokens: 32_000 },
}
const FAST = { name: 'fast', ...RULE }
const CHEAP = { name: 'cheap', strategy: 'order', candidates: [{ provider: 'scripted', model: 'script-1' }] }

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-rules-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, content: unknown): string {
  const file = join(folder, name)
  writeFileSync(file, JSON.stringify(content))
  return file
}

/** A front door that answers each call with the next of these. */
async function run(args: string[], answers: unknown[] = [], options: ContextOptions = {}) {
  const calls: ({ path: string } & HttpCall)[] = []
  const http = async <Answer>(path: string, { signal: _, ...call }: HttpCall = {}): Promise<Answer> => {
    calls.push({ path, ...call })
    return answers.shift() as Answer
  }
  const context = cliContext({ http, ...options })
  const exitCode = await main(['virtual-models', ...args], context)
  return { exitCode, calls, out: context.out(), err: context.err() }
}

describe('sluice virtual-models', () => {
  it('lists them', async () => {
    const { out, calls } = await run([], [{ virtualModels: [FAST, CHEAP] }])

    expect(calls).toEqual([{ path: '/v1/virtual-models' }])
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['NAME', 'STRATEGY', 'CANDIDATES', 'NEEDS', 'NOW'],
      ['fast', 'fastest', 'openai/gpt-4o-mini, custom/meta-llama/llama-3 (our-gateway)', 'tools, 32,000 tokens', '-'],
      ['cheap', 'order', 'scripted/script-1', '-', '-'],
      [''],
    ])
  })

  it.each([
    [{ now: { provider: 'openai', model: 'gpt-5.5' } }, 'built in: openai/gpt-5.5'],
    [{ now: { provider: 'default', model: 'default' } }, "built in: the stage's model"],
    [{ reason: 'no key' }, 'built in: no key'],
  ])('says what a built-in one comes to: %j', async (builtIn, now) => {
    const { out } = await run([], [{ virtualModels: [{ ...CHEAP, builtIn }] }])

    expect(out.split('\n')[1]?.split(/ {2,}/)).toEqual(['cheap', 'order', 'scripted/script-1', '-', now])
  })

  it('says how to make the first one', async () => {
    const { exitCode, out, err } = await run(['list'], [{ virtualModels: [] }])

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: '' })
    expect(err).toContain('npx sluice virtual-models set fast')
  })

  it.each([
    ['as a file for "set"', ['show', 'fast'], RULE],
    ['as a file also where it is built in', ['show', 'smart'], RULE],
    ['whole for programs', ['show', 'fast', '--json'], FAST],
  ])('shows one %s', async (_, args, shown) => {
    const { out } = await run(args, [{ virtualModels: [CHEAP, FAST, { ...FAST, name: 'smart', builtIn: { reason: 'no key' } }] }])

    expect(JSON.parse(out)).toEqual(shown)
  })

  it('says that one is not there', async () => {
    const { exitCode, err } = await run(['show', 'slow'], [{ virtualModels: [FAST] }])

    expect({ exitCode, err }).toMatchObject({ exitCode: 1, err: expect.stringContaining('error not_found') })
  })

  it.each([
    ['in their order', [], { strategy: 'order' }],
    ['by a strategy', ['--strategy', 'cheapest'], { strategy: 'cheapest' }],
    [
      'with what they must have',
      ['--needs', 'images, tools', '--context-tokens', '32000'],
      { strategy: 'order', needs: { images: true, tools: true, contextTokens: 32_000 } },
    ],
  ])('makes one of flags, %s', async (_, flags, rule) => {
    const { calls, exitCode } = await run(['set', 'a/b', 'openai/gpt-4o-mini', 'custom/meta-llama/llama-3', ...flags], [FAST])

    const candidates = [
      { provider: 'openai', model: 'gpt-4o-mini' },
      { provider: 'custom', model: 'meta-llama/llama-3' },
    ]
    expect(exitCode).toBe(0)
    expect(calls).toEqual([{ path: '/v1/virtual-models/a%2Fb', method: 'PUT', body: { candidates, ...rule } }])
  })

  it.each([
    ['a rule', RULE],
    ['what "show --json" printed', FAST],
  ])('makes one of a file with %s', async (_, content) => {
    const { calls } = await run(['set', 'fast', '-f', fileOf('rule.json', content)], [FAST])

    expect(calls).toMatchObject([{ body: RULE }])
  })

  it('makes one of stdin', async () => {
    const { calls } = await run(['set', 'fast', '--file', '-'], [FAST], { stdin: JSON.stringify(RULE) })

    expect(calls).toMatchObject([{ body: RULE }])
  })

  it('removes one with --yes, and asks nobody else', async () => {
    const removed = await run(['remove', 'fast', '--yes', '--json'])
    const refused = await run(['remove', 'fast'])

    expect(removed.calls).toEqual([{ path: '/v1/virtual-models/fast', method: 'DELETE' }])
    expect(JSON.parse(removed.out)).toEqual({ name: 'fast', removed: true })
    expect(refused).toMatchObject({ exitCode: 2, calls: [], err: expect.stringContaining('say --yes') })
  })

  it.each([
    [['find'], 'does not exist'],
    [['list', 'fast'], '"fast" is too much'],
    [['show'], 'which one?'],
    [['show', 'fast', 'cheap'], '"cheap" is too much'],
    [['remove', 'fast', '--strategy', 'order'], 'belong to "set"'],
    [['list', '--yes'], 'belongs to "remove"'],
    [['set', 'fast'], 'which models?'],
    [['set', 'fast', 'gpt-4o'], 'is no provider and model'],
    [['set', 'fast', '/gpt-4o'], 'is no provider and model'],
    [['set', 'fast', 'virtual/fast'], 'is no provider and model'],
    [['set', 'fast', 'openai/'], 'this is no rule'],
    [['set', 'fast', 'openai/gpt-4o', '--strategy', 'best'], 'strategy'],
    [['set', 'fast', 'openai/gpt-4o', '--needs', 'eyes'], '--needs does not know "eyes"'],
    [['set', 'fast', 'openai/gpt-4o', '--context-tokens', '1e3'], 'no whole number'],
    [['set', 'fast', 'openai/gpt-4o', '--file', 'rule.json'], 'the file says all of the rule'],
    [['set', 'fast', '--needs', 'tools', '--file', 'rule.json'], 'the file says all of the rule'],
    [['set', 'fast', '--file', '/nowhere/rule.json'], 'no such file'],
    [['set', 'fast', ...Array.from({ length: 11 }, (_none, index) => `openai/gpt-${index}`)], 'candidates'],
  ])('refuses %j before it calls', async (args, said) => {
    const { exitCode, calls, err } = await run(args)

    expect({ exitCode, calls }).toEqual({ exitCode: 2, calls: [] })
    expect(err).toContain(said)
  })

  it('refuses a file that holds no rule', async () => {
    const { exitCode, calls, err } = await run(['set', 'fast', '--file', fileOf('list.json', ['openai/gpt-4o'])])

    expect({ exitCode, calls }).toEqual({ exitCode: 2, calls: [] })
    expect(err).toContain('this is no rule')
  })
})
