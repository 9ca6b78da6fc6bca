import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { ValidationError } from '#shared/platform/errors.ts'
import { jsonFault } from '#shared/platform/json-fault.ts'
import { parse, parseJson } from '#shared/platform/parse.ts'

const schema = z.strictObject({ name: z.string(), limits: z.object({ tokens: z.int() }) })

/** JSON that nobody means ill by. */
const sound = fc.jsonValue().filter((value) => jsonFault(JSON.parse(JSON.stringify(value))) === undefined)

const refused = (run: () => unknown): ValidationError => {
  try {
    run()
  } catch (error) {
    if (error instanceof ValidationError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('parse', () => {
  it('returns the parsed value', () => {
    expect(parse(schema, { name: 'a', limits: { tokens: 1, unknown: true } }, 'request body')).toEqual({
      name: 'a',
      limits: { tokens: 1 },
    })
  })

  it('names what is parsed and every rejected field', () => {
    const error = refused(() => parse(schema, { name: 1, limits: { tokens: 'x' } }, 'request body'))

    expect(error).toMatchObject({ code: 'validation_error', status: 422, retryable: false, expose: true })
    expect(error.message).toMatch(/^the request body is not valid at "name": /)
    expect(error.fields?.map(({ path }) => path)).toEqual(['name', 'limits.tokens'])
  })

  it('has no path for what is wrong as a whole', () => {
    expect(refused(() => parse(schema, 'text', 'frame')).message).toMatch(/^the frame is not valid: /)
  })
})

describe('parseJson', () => {
  it('reads what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(sound, (value) => {
        const text = JSON.stringify(value)
        expect(parseJson(text, 'frame')).toEqual(JSON.parse(text))
      }),
    )
  })

  it('refuses what takes many times its size in memory', () => {
    const listOf = (count: number) => `[${'{},'.repeat(count - 2)}{}]`

    expect(parseJson(listOf(100_000), 'frame')).toHaveLength(99_999)
    expect(refused(() => parseJson(listOf(100_001), 'frame')).message).toBe('the frame has more than 100000 objects and lists')
  })

  it('refuses what is nested deeper than it is told', () => {
    expect(parseJson('[[1]]', 'frame', 2)).toEqual([[1]])
    expect(refused(() => parseJson('[[[]]]', 'frame', 2)).message).toBe('the frame is nested deeper than 2 levels')
    expect(refused(() => parseJson('['.repeat(31) + ']'.repeat(31), 'frame')).message).toContain('30 levels')
  })

  it('refuses anything else with our error, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const error = refused(() => parseJson(`{,${text}`, 'frame'))
        expect(error.message).toBe('the frame is not JSON')
      }),
    )
  })
})
