import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createOutput } from '../../../cli/output.ts'

const aStream = (isTTY?: boolean) => Object.assign(new PassThrough(), isTTY === undefined ? {} : { isTTY })

it('has colours on a terminal only, and not where they are unwanted', () => {
  expect(createOutput(aStream(true), true).style('red', 'no')).toBe('\u001b[31mno\u001b[39m')
  expect(createOutput(aStream(true), false).style('red', 'no')).toBe('no')
  expect(createOutput(aStream(), true).style('red', 'no')).toBe('no')
})
