import { describe, expect, it } from 'vitest'
import { main } from '../../../cli/main.ts'
import packageJson from '../../../package.json' with { type: 'json' }
import { cliContext } from '../../helpers/cli-context.ts'

const COMMANDS = ['chat', 'publish', 'tail', 'agents', 'token', 'doctor']

async function run(...args: string[]) {
  const context = cliContext()
  const exitCode = await main(args, context)
  return { exitCode, out: context.out(), err: context.err() }
}

describe('main', () => {
  it.each([['--help'], ['-h'], ['help']])('shows all commands for %s', async (argument) => {
    const { exitCode, out } = await run(argument)

    expect(exitCode).toBe(0)
    for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} +\\w`, 'm'))
    expect(out).toContain('Exit codes')
  })

  it('shows them on stderr, as a mistake, when there is no command', async () => {
    const { exitCode, out, err } = await run()

    expect(exitCode).toBe(2)
    expect(out).toBe('')
    expect(err).toContain('Usage: npx sluice <command>')
  })

  it('shows the version', async () => {
    expect(await run('--version')).toEqual({ exitCode: 0, out: `${packageJson.version}\n`, err: '' })
  })

  it('suggests the nearest command', async () => {
    expect(await run('chatt')).toEqual({
      exitCode: 2,
      out: '',
      err: 'error usage: there is no command "chatt" (did you mean "npx sluice chat"?)\n',
    })
  })

  it('does not take a property of every object for a command', async () => {
    expect((await run('constructor')).err).toContain('there is no command "constructor" (npx sluice --help')
  })

  it.each(COMMANDS)('shows the help of %s with examples, however it is asked for', async (name) => {
    const { exitCode, out } = await run(name, '--help')

    expect(exitCode).toBe(0)
    expect(out).toContain(`Usage: npx sluice ${name}`)
    expect(out).toMatch(new RegExp(`Examples\\n(.*\\n)*? .*npx sluice ${name}`))
    for (const option of ['--url', '--token', '--json', '--help']) expect(out).toContain(option)
    expect(await run('help', name)).toEqual({ exitCode, out, err: '' })
    expect(await run('-h', name)).toEqual({ exitCode, out, err: '' })
  })

  it('has a line for each form of a command', async () => {
    const { out } = await run('keys', '--help')

    expect(out).toMatch(/^Usage: npx sluice keys \[list\]\n {7}npx sluice keys \(set \| check\) <service>\n/)
  })

  it.each([['agents'], ['audit'], ['api-keys'], ['dead-letters']])('takes nothing behind the list of %s', async (name) => {
    const { exitCode, err } = await run(name, 'list', 'x')

    expect(exitCode).toBe(2)
    expect(err).toContain('"x" is too much')
  })

  it('does not take a property of every object for a verb', async () => {
    expect((await run('agents', 'constructor', 'x')).err).toContain('"agents constructor" does not exist')
  })

  it('lists with the verb as without it', async () => {
    const context = cliContext({ client: { agents: async () => [] } })

    expect(await main(['agents', 'list', '--json'], context)).toBe(0)
    expect(context.out()).toBe('[]\n')
  })

  it.each(COMMANDS)('refuses an option that %s does not have', async (name) => {
    const { exitCode, err } = await run(name, '--colour')

    expect(exitCode).toBe(2)
    expect(err).toBe(`error usage: Unknown option '--colour' (npx sluice ${name} --help shows what there is)\n`)
  })

  it('takes global options before the command as well', async () => {
    const context = cliContext({ client: { agents: async () => [] } })

    expect(await main(['--url', 'http://localhost:1', '--json', 'agents'], context)).toBe(0)
    expect(context.out()).toBe('[]\n')
  })
})
