import { parseArgs } from 'node:util'
import packageJson from '../package.json' with { type: 'json' }
import { type Command, GLOBAL_OPTIONS } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import type { CliContext } from './context.ts'
import { describeError } from './describe-error.ts'
import { UsageError } from './errors.ts'
import { EXIT_CODE } from './exit-code.ts'
import { overallHelp } from './help.ts'
import { nearest } from './nearest.ts'

const OPTIONS = {
  ...GLOBAL_OPTIONS,
  version: { type: 'boolean', short: 'v', help: 'shows the version' },
} as const

/**
 * The command line: finds the command and runs it. Errors are told in one line on stderr.
 *
 * @param args - what follows the program's name
 * @returns the exit code
 */
export async function main(args: string[], context: CliContext): Promise<number> {
  try {
    return await dispatch(args, context)
  } catch (error) {
    const { line, exitCode } = await describeError(context.signal.aborted ? context.signal.reason : error)
    if (line !== undefined) context.stderr.line(context.stderr.style('red', line))
    return exitCode
  }
}

async function dispatch(args: string[], context: CliContext): Promise<number> {
  const { values, tokens } = parseArgs({ args, options: OPTIONS, strict: false, tokens: true, allowPositionals: true })
  const [first, second] = tokens.filter((token) => token.kind === 'positional')
  const helpOf = first?.value === 'help' ? second?.value : values.help ? first?.value : undefined
  if (helpOf !== undefined) {
    context.stdout.write((await commandOf(helpOf)).help())
    return EXIT_CODE.ok
  }
  if (first && first.value !== 'help') return (await commandOf(first.value)).run(args.toSpliced(first.index, 1), context)
  if (values.version) {
    context.stdout.line(packageJson.version)
    return EXIT_CODE.ok
  }
  const asked = values.help === true || first !== undefined
  return showHelp(asked, context)
}

/** @throws UsageError naming the nearest command */
async function commandOf(name: string): Promise<Command> {
  const load = COMMANDS.get(name)
  if (load) return load()
  const meant = nearest(name, [...COMMANDS.keys()])
  throw new UsageError(
    `there is no command "${name}"`,
    meant === undefined ? 'npx sluice --help lists the commands' : `did you mean "npx sluice ${meant}"?`,
  )
}

/** Without a command there is nothing else to show, but unless it was asked for that is wrong usage. */
async function showHelp(asked: boolean, { stdout, stderr }: CliContext): Promise<number> {
  const commands = await Promise.all([...COMMANDS.values()].map((load) => load()))
  const output = asked ? stdout : stderr
  output.write(overallHelp(commands, OPTIONS))
  return asked ? EXIT_CODE.ok : EXIT_CODE.usage
}
