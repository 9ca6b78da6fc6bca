import type { Output } from './output.ts'

export interface AnswerPrinter {
  /** Takes the text as far as it is kept now; prints what is new. */
  show(text: string): void
  /** Takes the text as it is in the end. */
  finish(text: string): void
}

/**
 * Prints an answer as it grows. A new attempt takes text back, and what was printed stays printed: so long as the attempt repeats it,
 * nothing is printed twice; when it says something else, the answer begins anew on a line of its own.
 *
 * @param onRestart - called before the answer begins anew
 */
export function createAnswerPrinter({ write }: Output, onRestart: () => void): AnswerPrinter {
  let printed = ''

  function show(text: string): void {
    if (printed.startsWith(text)) return
    if (text.startsWith(printed)) write(text.slice(printed.length))
    else begin(text)
    printed = text
  }

  function begin(text: string): void {
    onRestart()
    write(`\n${text}`)
  }

  return {
    show,
    finish(text) {
      show(text)
      if (printed !== text) begin(text)
      if (!text.endsWith('\n')) write('\n')
    },
  }
}
