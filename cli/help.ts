import type { Command, CommandDefinition, Options } from './command.ts'

const EXIT_CODES = `Exit codes
  0 done, and verified where there is something to verify · 1 failed · 2 wrong usage · 3 cannot connect
  130, 143 ended by Ctrl-C, by SIGTERM · 141 the reader of the output left`

const ENVIRONMENT = `Environment
  SLUICE_URL, SLUICE_TOKEN   in place of --url and --token
  SLUICE_STATE_DIR           state directory of the local cloud (.sluice)
  AWS_ENDPOINT_URL           emulator of the local cloud, when somebody else runs it
  AWS_REGION                 region of the stages whose keys "sluice keys" has (us-east-1)
  NO_COLOR                   no colours`

export function commandHelp(
  { name, summary, usage, description, examples }: CommandDefinition<Options>,
  options: Options,
): string {
  return paragraphs(
    `Usage: ${usage.map((line) => `npx sluice ${name} ${line}`.trimEnd()).join('\n       ')}`,
    ...[summary, description].filter((text) => text !== undefined).map(wrap),
    `Options (in brackets: what holds without)\n${optionLines(options)}`,
    `Examples\n${examples.map((example) => `  ${example}`).join('\n')}`,
  )
}

export function overallHelp(commands: readonly Command[], options: Options): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return paragraphs(
    'Usage: npx sluice <command> [options]',
    'Talks to agents, live.',
    `Commands\n${commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n')}`,
    `Options\n${optionLines(options)}`,
    ENVIRONMENT,
    EXIT_CODES,
    "npx sluice <command> --help shows a command's options and examples.",
  )
}

/** Lines that fit a terminal; what was a line of its own stays one. */
const wrap = (text: string): string => text.replaceAll(LONG_LINE, '$1\n').trimEnd()
const LONG_LINE = /(?=.{101})(.{1,100}) /g

const paragraphs = (...texts: string[]): string => `${texts.join('\n\n')}\n`

function optionLines(options: Options): string {
  const rows = Object.entries(options).map(([name, { short, placeholder, help }]) => {
    const flag = `${short ? `-${short}, ` : ''}--${name}${placeholder ? ` <${placeholder}>` : ''}`
    return [flag, help] as const
  })
  const width = Math.max(...rows.map(([flag]) => flag.length))
  return rows.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`).join('\n')
}
