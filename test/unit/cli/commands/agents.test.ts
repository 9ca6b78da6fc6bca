import { expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
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

it('says that there are none', async () => {
  const context = cliContext({ client: { agents: async () => [] } })

  expect(await main(['agents'], context)).toBe(0)
  expect(context.out()).toBe('')
  expect(context.err()).toContain('there are no agents')
})

it.each([
  [['list'], '"agents list" does not exist'],
  [['show'], 'which agent?'],
  [['show', 'a', 'b'], '"b" is too much'],
])('refuses %j', async (args, message) => {
  const { exitCode, err } = await run(...args)

  expect(exitCode).toBe(2)
  expect(err).toContain(message)
})
