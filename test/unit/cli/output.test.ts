import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createOutput } from '../../../cli/output.ts'

const aStream = (isTTY?: boolean) => Object.assign(new PassThrough(), isTTY === undefined ? {} : { isTTY })

it('has colours on a terminal only, and not where they are unwanted', () => {
  expect(createOutput(aStream(true), true).style('red', 'no')).toBe('\u001b[31mno\u001b[39m')
  expect(createOutput(aStream(true), false).style('red', 'no')).toBe('no')
  expect(createOutput(aStream(), true).style('red', 'no')).toBe('no')
})

it('lets no text command a terminal, and leaves pipes alone', () => {
  const text = 'a\u001b[2J\u001b]52;c;cGF5\u0007\u009b2J\rb\tc\n'
  const [terminal, pipe] = [aStream(true), aStream()]

  createOutput(terminal, true).write(text)
  createOutput(terminal, true).line(createOutput(terminal, true).style('red', 'no'))
  createOutput(pipe, true).write(text)

  expect(String(terminal.read())).toBe('a[2J]52;c;cGF52Jb\tc\n\u001b[31mno\u001b[39m\n')
  expect(String(pipe.read())).toBe(text)
})
