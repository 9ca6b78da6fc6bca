/** Calls of `curl` in the shell blocks of a page, each with the lines that it goes on over. */
const curlsOf = (markdown: string): string[] =>
  [...markdown.matchAll(/```sh\n(.*?)\n```/gs)].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split(/\n(?=\S)/)
      .filter((command) => /^(?:.*\| *)?curl /.test(command)),
  )

/** Those that send a body without saying that it is JSON: `curl` would call it a form, and the API answers 415. */
export const curlsWithoutType = (markdown: string): string[] =>
  curlsOf(markdown).filter((command) => / (?:-d|--data\S*) /.test(command) && !/content-type: [a-z]/i.test(command))
