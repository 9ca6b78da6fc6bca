import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../../cli/commands/index.ts'

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { encoding: 'utf8' })
  .split('\n')
  .filter(Boolean)

/** Lines that call the command line: `npx sluice <command> …`, up to a pipe, a closing bracket, a comment or the end of the code. */
const calls = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/npx sluice ([a-z-]+)([^\n`|#)]*)/g)].map(([, command = '', rest = '']) => ({
    page,
    command,
    options: [...rest.matchAll(/(?<= )--(?:no-)?([a-z-]+)/g)].map(([, option = '']) => option),
  })),
)

describe('commands in the docs', () => {
  it.each(calls)('are there: $command $options in $page', async ({ command, options }) => {
    const help = (await COMMANDS.get(command)?.())?.help() ?? ''

    expect(options.filter((option) => !help.includes(`--${option}`))).toEqual([])
    expect(help).toContain(`Usage: npx sluice ${command}`)
  })

  it.each([...COMMANDS.keys()])('have a chapter in docs/cli.md: %s', (command) => {
    expect(readFileSync('docs/cli.md', 'utf8')).toContain(`\n### ${command}\n`)
  })
})
