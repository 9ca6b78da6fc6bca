import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util'
import type { CliContext } from './context.ts'
import { UsageError } from './errors.ts'
import { commandHelp } from './help.ts'

export interface Option extends ParseArgsOptionDescriptor {
  /** Name of the value in the help. */
  placeholder?: string
  help: string
}

export type Options = Record<string, Option>

/** Options of every command; they may also stand before its name. */
export const GLOBAL_OPTIONS = {
  url: { type: 'string', placeholder: 'url', help: 'front door (SLUICE_URL; the running local cloud; http://localhost:8787)' },
  token: { type: 'string', placeholder: 'token', help: 'access token (SLUICE_TOKEN; made by itself for the local cloud)' },
  json: { type: 'boolean', help: 'JSON for programs' },
  help: { type: 'boolean', short: 'h', help: 'shows this' },
} as const satisfies Options

type Parsed<Own extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Own & typeof GLOBAL_OPTIONS; allowPositionals: true; allowNegative: true }>
>

export interface CommandDefinition<Own extends Options> {
  name: string
  summary: string
  /** What follows the name on the command line, a line for each form. */
  usage: readonly string[]
  /** More than the summary says, in whole lines. */
  description?: string
  options: Own
  /** Command lines that work. */
  examples: readonly string[]
  /** Gives the exit code. */
  run(values: Parsed<Own>['values'], positionals: string[], context: CliContext): Promise<number>
}

export interface Command {
  readonly name: string
  readonly summary: string
  /** Usage, options and examples. */
  help(): string
  /** Gives the exit code. */
  run(args: string[], context: CliContext): Promise<number>
}

/** A command with its own options beside the global ones. */
export function defineCommand<const Own extends Options>(definition: CommandDefinition<Own>): Command {
  const { name, summary } = definition
  const options = { ...definition.options, ...GLOBAL_OPTIONS }

  function parse(args: string[]): Parsed<Own> {
    try {
      return parseArgs({ args: joinNegativeNumbers(args), options, allowPositionals: true, allowNegative: true })
    } catch (error) {
      // Its first sentence says what is wrong; the rest is advice that does not fit every case.
      const [message = ''] = String(error instanceof Error ? error.message : error).split('. ')
      throw new UsageError(message, `npx sluice ${name} --help shows what there is`)
    }
  }

  return {
    name,
    summary,
    help: () => commandHelp(definition, options),
    async run(args, context) {
      const { values, positionals } = parse(args)
      return definition.run(values, positionals, context)
    },
  }
}

/** `--after -1` means `--after=-1`: no option is a number, so nothing else can be meant. */
function joinNegativeNumbers(args: string[]): string[] {
  const joined: string[] = []
  for (const argument of args) {
    const option = joined.at(-1)
    if (option?.startsWith('--') && /^-\d+$/.test(argument)) joined[joined.length - 1] = `${option}=${argument}`
    else joined.push(argument)
  }
  return joined
}

/**
 * @param command - whose help says more
 * @throws UsageError naming what is too much
 */
export function expectNoMore(positionals: readonly string[], command: string): void {
  if (positionals.length === 0) return
  throw new UsageError(`"${positionals.join(' ')}" is too much`, `npx sluice ${command} --help shows what there is`)
}

/** For a verb that a command does not have. */
export const unknownVerb = (command: string, verb: string): UsageError =>
  new UsageError(`"${command} ${verb}" does not exist`, `npx sluice ${command} --help shows what there is`)
