import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/**
 * What moves the cursor, clears the screen or writes to the clipboard of a terminal: every control character but tabs and ends of lines. Answers of models and
 * results of tools are strangers' texts. Colours, which are ours, pass.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const COMMANDS = /\u001b(?!\[[\d;]*m)|[\0-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f]/g

/** One of the two outputs of the command. */
export interface Output {
  /** Whether a person reads it. */
  readonly isTTY: boolean
  /** Writes to a pipe as it is, to a terminal without what commands one. */
  write(text: string): void
  line(text: string): void
  /** The text in a style where colours are wanted, as it is elsewhere. */
  style(style: Style, text: string): string
}

/** @param colour - false forbids colours; a pipe never has them */
export function createOutput(stream: NodeJS.WritableStream & { isTTY?: boolean }, colour: boolean): Output {
  const isTTY = stream.isTTY ?? false
  const write = (text: string): void => void stream.write(isTTY ? text.replaceAll(COMMANDS, '') : text)
  return {
    isTTY,
    write,
    line: (text) => write(`${text}\n`),
    style: (style, text) => (isTTY && colour ? styleText(style, text, { validateStream: false }) : text),
  }
}
