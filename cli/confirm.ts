import { createInterface } from 'node:readline'
import type { CliContext } from './context.ts'
import { CliError, UsageError } from './errors.ts'

/**
 * Asks whoever sits at the terminal whether something is to be done that cannot be taken back. Anything but `y` or `yes` is a no.
 *
 * @throws UsageError when nobody can be asked, CliError when the answer is no
 */
export async function confirm(question: string, { stdin, stderr, signal }: CliContext): Promise<void> {
  if (!stdin.isTTY) throw new UsageError('nobody is there to be asked', 'say --yes')
  stderr.write(`${question} [y/N] `)
  const answer = await firstLine(stdin, signal)
  signal.throwIfAborted()
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('declined', 'nothing was changed', 'answer y, or say --yes')
}

/** Empty when the input ends before it. */
async function firstLine(input: CliContext['stdin'], signal: AbortSignal): Promise<string> {
  for await (const line of createInterface({ input, signal })) return line
  return ''
}
