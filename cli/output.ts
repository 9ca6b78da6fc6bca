import { styleText } from 'node:util'

export type Style = Parameters<typeof styleText>[0]

/** One of the two outputs of the command. */
export interface Output {
  /** Whether a person reads it. */
  readonly isTTY: boolean
  write(text: string): void
  line(text: string): void
  /** The text in a style where colours are wanted, as it is elsewhere. */
  style(style: Style, text: string): string
}

/** @param colour - false forbids colours; a pipe never has them */
export function createOutput(stream: NodeJS.WritableStream & { isTTY?: boolean }, colour: boolean): Output {
  const isTTY = stream.isTTY ?? false
  const write = (text: string): void => void stream.write(text)
  return {
    isTTY,
    write,
    line: (text) => write(`${text}\n`),
    style: (style, text) => (isTTY && colour ? styleText(style, text, { validateStream: false }) : text),
  }
}
