import { describe, expect, it, vi } from 'vitest'
import type { Agent } from '#shared/protocol/agent.ts'
import { main } from '../../../../cli/main.ts'
import { SluiceClientError } from '../../../../web/client/index.ts'
import { cliContext } from '../../../helpers/cli-context.ts'
import { anAgent } from '../../../helpers/executions.ts'

const assistant = anAgent()
const reader = anAgent({ agentId: 'reader', name: 'Reader', status: 'paused', topics: ['news', 'mail'] })

async function run(...args: string[]) {
  const client = { agents: async () => [assistant, reader], agent: async (agentId: string) => anAgent({ agentId }) }
  const context = cliContext({ client })
  const exitCode = await main(['agents', ...args], context)
  return { exitCode, out: context.out(), err: context.err() }
}

it('lists them as a table', async () => {
  const { exitCode, out } = await run()

  expect(exitCode).toBe(0)
  expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['ID', 'NAME', 'STATUS', 'HEALTH', 'MODEL', 'TOPICS'],
    ['assistant', 'Assistant', 'running', 'unknown', 'scripted/scripted-1', 'questions'],
    ['reader', 'Reader', 'paused', 'unknown', 'scripted/scripted-1', 'news, mail'],
    [''],
  ])
})

it('lists them as JSON', async () => {
  expect(JSON.parse((await run('--json')).out)).toEqual([assistant, reader])
})

it('shows one, without the rows it does not have', async () => {
  const { exitCode, out } = await run('show', 'assistant')

  expect(exitCode).toBe(0)
  expect(out).toMatch(/^id +assistant\nname +Assistant\nkind +llm\n/)
  expect(out).not.toContain('description')
  expect(JSON.parse((await run('show', 'assistant', '--json')).out)).toEqual(assistant)
})

it('shows how one thinks, as far as that is set', async () => {
  const thinker = anAgent({
    tools: [
      { type: 'builtin', name: 'current_time' },
      { type: 'lambda', name: 'refund', description: 'Gives money back.', function: 'refund', approval: 'always' },
    ],
    reasoningPattern: 'plan_and_execute',
    reasoning: { maxSteps: 5 },
    team: { mode: 'router', agents: ['ann', 'bob'] },
    memory: { windowTokens: 2_000, notes: true },
    output: { schema: { type: 'object', properties: { title: {}, tags: {} } } },
  })
  const context = cliContext({ client: { agent: async () => thinker } })

  await main(['agents', 'show', 'assistant'], context)

  const rows = new Map(
    context
      .out()
      .split('\n')
      .map((line) => line.split(/ {2,}/) as [string, string]),
  )
  expect(['tools', 'reasoning', 'limits', 'team', 'memory', 'output'].map((name) => rows.get(name))).toEqual([
    'current_time (builtin), refund (lambda, asks a person)',
    'plan_and_execute',
    'maxSteps=5',
    'router: ann, bob',
    'windowTokens=2000, notes=true',
    'JSON "answer": title, tags',
  ])
  expect((await run('show', 'assistant')).out).not.toMatch(/^(tools|reasoning|limits|team|memory|output) /m)
})

it('says that there are none', async () => {
  const context = cliContext({ client: { agents: async () => [] } })

  expect(await main(['agents'], context)).toBe(0)
  expect(context.out()).toBe('')
  expect(context.err()).toContain('there are no agents')
})

describe('create', () => {
  const definition = { name: 'Writer', llm: { provider: 'scripted', model: 'm' } }

  async function create(...args: string[]) {
    const createAgent = vi.fn(async () => anAgent({ agentId: 'writer' }))
    const context = cliContext({ client: { createAgent }, stdin: JSON.stringify(definition) })
    const exitCode = await main(['agents', 'create', ...args], context)
    return { exitCode, sent: createAgent.mock.calls as unknown[][], out: context.out(), err: context.err() }
  }

  it('registers an agent and starts it', async () => {
    const { exitCode, sent, out } = await create('-')

    expect(exitCode).toBe(0)
    expect(sent[0]?.[0]).toEqual({ ...definition, autoStart: true })
    expect(out).toBe('writer is running\n')
  })

  it('leaves it alone with --no-start', async () => {
    const { sent } = await create('-', '--no-start')

    expect(sent[0]?.[0]).toMatchObject({ autoStart: false })
  })

  it.each(['[]', '"text"', 'null'])('takes no %s for a definition', async (argument) => {
    const { exitCode, sent, err } = await create(argument)

    expect({ exitCode, sent }).toEqual({ exitCode: 2, sent: [] })
    expect(err).toContain('no JSON object')
  })
})

describe('verbs', () => {
  async function change(args: string[], answer: Agent | undefined) {
    const changeAgent = vi.fn(async () => answer)
    const context = cliContext({ client: { changeAgent } })
    const exitCode = await main(['agents', ...args], context)
    return { exitCode, sent: changeAgent.mock.calls as unknown[][], out: context.out() }
  }

  it.each(['start', 'pause', 'resume', 'stop', 'delete'])('%s the agent, and say how it is then', async (verb) => {
    const { exitCode, sent, out } = await change([verb, 'reader'], reader)

    expect(exitCode).toBe(0)
    expect(sent).toEqual([['reader', verb, { signal: expect.any(AbortSignal) }]])
    expect(out).toBe('reader is paused\n')
  })

  it('stop with --cancel', async () => {
    const stopping = anAgent({ status: 'stopping', desiredStatus: 'stopped' })
    const { sent, out } = await change(['stop', 'assistant', '--cancel'], stopping)

    expect(sent[0]?.[2]).toMatchObject({ policy: 'cancel' })
    expect(out).toBe('assistant is stopping, and will be stopped\n')
  })

  it('tell when the agent is gone', async () => {
    expect((await change(['delete', 'reader'], undefined)).out).toBe('reader is deleted\n')
    expect(JSON.parse((await change(['delete', 'reader', '--json'], undefined)).out)).toEqual({
      agentId: 'reader',
      status: 'deleted',
    })
  })

  it('pass on that the order is wrong', async () => {
    const changeAgent = () =>
      Promise.reject(new SluiceClientError('invalid_state', 'the agent "reader" is paused; possible are: resume'))
    const context = cliContext({ client: { changeAgent } })

    expect(await main(['agents', 'pause', 'reader'], context)).toBe(1)
    expect(context.err()).toContain('error invalid_state: the agent "reader" is paused; possible are: resume')
  })
})

it('tells how one is', async () => {
  const queue = { open: true, limit: 10, active: 2, waiting: 3 }
  const figures = { score: 64, successRate: null, history: [] }
  const agentHealth = async () => ({
    status: 'running' as const,
    health: 'unhealthy' as const,
    detail: 'no key',
    queue,
    ...figures,
  })
  const context = cliContext({ client: { agentHealth } })

  expect(await main(['agents', 'health', 'assistant'], context)).toBe(0)
  expect(
    context
      .out()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  ).toEqual([
    ['status', 'running'],
    ['health', 'unhealthy'],
    ['score', '64 of 100'],
    ['detail', 'no key'],
    ['active', '2 of 10'],
    ['waiting', '3'],
    [''],
  ])
})

it.each([
  [['fire'], '"agents fire" does not exist'],
  [['create'], 'an agent needs a definition'],
  [['pause'], 'which agent?'],
  [['pause', 'a', '--cancel'], '--cancel belongs to "agents stop"'],
  [['show', 'a', '--no-start'], '--start belongs to "agents create"'],
  [['show'], 'which agent?'],
  [['show', 'a', 'b'], '"b" is too much'],
])('refuses %j', async (args, message) => {
  const { exitCode, err } = await run(...args)

  expect(exitCode).toBe(2)
  expect(err).toContain(message)
})
