import { readFile } from 'node:fs/promises'
import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { CliContext } from './context.ts'
import { UsageError } from './errors.ts'

/** All of stdin; a person who types is told how to end it. */
export async function readInput({ stdin, stderr, signal }: CliContext): Promise<string> {
  if (stdin.isTTY) stderr.line(stderr.style('dim', 'type, then end with Ctrl-D'))
  return text(addAbortSignal(signal, stdin))
}

/**
 * JSON from the command line itself, from a file (`@file`) or from stdin (`-`).
 *
 * @throws UsageError when there is no such file, or it is not JSON
 */
export async function readJsonArgument(argument: string, context: CliContext): Promise<unknown> {
  const source =
    argument === '-'
      ? await readInput(context)
      : argument.startsWith('@')
        ? await readText(argument.slice(1), 'name a file with JSON in it: @message.json')
        : argument
  return parseJson(source, 'the data', `quote it for the shell, a text twice: '{"title":"Hi"}', '"Hi"'`)
}

/**
 * JSON from a file, or from stdin (`-`).
 *
 * @throws UsageError when there is no such file, or it is not JSON
 */
export async function readJsonFile(file: string, context: CliContext): Promise<unknown> {
  const source = file === '-' ? await readInput(context) : await readText(file, 'name a file with JSON in it, or "-" for stdin')
  return parseJson(source, file === '-' ? 'stdin' : `"${file}"`, 'write it in JSON; YAML is not read')
}

function parseJson(source: string, what: string, advice: string): unknown {
  try {
    return JSON.parse(source)
  } catch (error) {
    throw new UsageError(`${what} is not JSON: ${error instanceof Error ? error.message : String(error)}`, advice)
  }
}

/**
 * A text from a file, or from stdin (`-`).
 *
 * @throws UsageError when there is no such file
 */
export const readTextArgument = (file: string, context: CliContext): Promise<string> =>
  file === '-' ? readInput(context) : readText(file, 'name a file with the text in it, or "-" for stdin')

async function readText(file: string, advice: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), advice)
  }
}
