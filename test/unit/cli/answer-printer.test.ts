import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAnswerPrinter } from '../../../cli/answer-printer.ts'
import { createOutput } from '../../../cli/output.ts'

function aPrinter() {
  const stream = new PassThrough({ encoding: 'utf8' })
  const written: string[] = []
  stream.on('data', (text: string) => written.push(text))
  let restarts = 0
  const printer = createAnswerPrinter(createOutput(stream, false), () => {
    restarts += 1
  })
  return { ...printer, written, restarts: () => restarts }
}

it('prints what is new of a growing text, and a line end', () => {
  const { show, finish, written } = aPrinter()

  for (const text of ['', 'Hel', 'Hel', 'Hello']) show(text)
  finish('Hello')

  expect(written).toEqual(['Hel', 'lo', '\n'])
})

it('adds no second line end', () => {
  const { show, finish, written } = aPrinter()

  show('Hello\n')
  finish('Hello\n')

  expect(written.join('')).toBe('Hello\n')
})

it('prints nothing twice when a new attempt repeats what was taken back', () => {
  const { show, finish, written, restarts } = aPrinter()

  for (const text of ['Hello wor', '', 'Hel', 'Hello world']) show(text)
  finish('Hello world')

  expect(written.join('')).toBe('Hello world\n')
  expect(restarts()).toBe(0)
})

it('begins anew when the attempt says something else', () => {
  const { show, finish, written, restarts } = aPrinter()

  for (const text of ['Hello', '', 'H', 'Hi', 'Hi there']) show(text)
  finish('Hi there')

  expect(written.join('')).toBe('Hello\nHi there\n')
  expect(restarts()).toBe(1)
})

it('begins anew when the attempt says less', () => {
  const { show, finish, written, restarts } = aPrinter()

  for (const text of ['Hello world', '', 'Hello']) show(text)
  finish('Hello')

  expect(written.join('')).toBe('Hello world\nHello\n')
  expect(restarts()).toBe(1)
})

it('ends with the whole text, however attempts grew and were taken back', () => {
  const states = fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 }), { maxLength: 12 })
  fc.assert(
    fc.property(states, fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 }), (texts, last) => {
      const { show, finish, written, restarts } = aPrinter()
      for (const text of texts) show(text)
      finish(last)
      expect(`\n${written.join('')}`.endsWith(`\n${last}\n`)).toBe(true)
      expect(written.join('').split('\n')).toHaveLength(restarts() + 2)
    }),
  )
})
