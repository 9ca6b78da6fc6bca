import { emitKeypressEvents } from 'node:readline'
import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'

/** Longest text that is taken. */
const MOST = 64_000

type Terminal = CliContext['stdin'] & { setRawMode(mode: boolean): unknown }
type Key = { name?: string | undefined; ctrl?: boolean | undefined; sequence?: string | undefined }

/**
 * A text that nobody sees: from a pipe whole, from a terminal one line without an echo.
 *
 * @throws UsageError when nothing was given, or the person broke off
 */
export async function readHidden(question: string, { stdin, stderr, signal }: CliContext): Promise<string> {
  const value = isTerminal(stdin) ? await typed(question, stdin, stderr, signal) : await text(addAbortSignal(signal, stdin))
  const trimmed = value.trim()
  if (trimmed === '') throw new UsageError('there is no key', 'pipe it in, or type it when you are asked')
  if (trimmed.length > MOST) throw new UsageError(`this is longer than ${MOST} characters`, 'pipe in the key alone')
  return trimmed
}

const isTerminal = (stdin: CliContext['stdin']): stdin is Terminal => stdin.isTTY === true && 'setRawMode' in stdin

/** Keys as they are pressed: the terminal itself echoes none in raw mode. */
async function typed(question: string, stdin: Terminal, stderr: CliContext['stderr'], signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let value = ''
  const onKey = (character: string | undefined, { name, ctrl, sequence }: Key): void => {
    if (ctrl && name === 'c') reject(new UsageError('broken off', 'nothing was changed'))
    else if (name === 'return' || name === 'enter') resolve(value)
    else if (name === 'backspace') value = value.slice(0, -1)
    else if (!ctrl && (character ?? sequence) !== undefined) value += character ?? sequence
  }
  const onAbort = (): void => reject(signal.reason)
  stderr.write(question)
  emitKeypressEvents(stdin)
  stdin.setRawMode(true)
  stdin.on('keypress', onKey)
  signal.addEventListener('abort', onAbort, { once: true })
  stdin.resume()
  try {
    return await promise
  } finally {
    stdin.off('keypress', onKey)
    signal.removeEventListener('abort', onAbort)
    stdin.setRawMode(false)
    stdin.pause()
    stderr.line('')
  }
}
