import type { CliContext } from './context.ts'
import { EXIT_CODE } from './exit-code.ts'

/** What a verb of a command came to. */
export interface Result {
  /** For people; nothing is printed when it is empty. */
  text: string
  /** For programs. */
  json: unknown
  /** `ok` when absent. */
  exitCode?: number
}

/** What a verb of a command does with the other side: a client, single calls, secrets. */
export type Action<Side> = (side: Side, context: CliContext) => Promise<Result>

/**
 * Does it, prints what it came to, and closes the other side where that can be closed.
 *
 * @returns the exit code
 */
export async function perform<Side>(
  act: Action<Side>,
  side: Side & { close?(): void },
  { json: asJson }: { json?: boolean | undefined },
  context: CliContext,
): Promise<number> {
  try {
    const { text, json, exitCode = EXIT_CODE.ok } = await act(side, context)
    if (asJson) context.stdout.line(JSON.stringify(json))
    else if (text !== '') context.stdout.line(text)
    return exitCode
  } finally {
    side.close?.()
  }
}
