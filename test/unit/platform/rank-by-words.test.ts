import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rankByWords } from '#shared/platform/rank-by-words.ts'

type Page = { title: string; body: string }

const TEXTS = { title: ({ title }: Page) => title, body: ({ body }: Page) => body }

const aPage = (title: string, body = ''): Page => ({ title, body })

const titlesFor = (query: string, pages: Page[], options: Parameters<typeof rankByWords<Page>>[3] = { limit: 10 }) =>
  rankByWords(pages, query, TEXTS, options).map(({ title }) => title)

describe('rankByWords', () => {
  it('puts what shares more words first, and leaves out what shares none', () => {
    const pages = [aPage('late order'), aPage('green apples'), aPage('late order of tea')]

    expect(titlesFor('tea order', pages)).toEqual(['late order of tea', 'late order'])
    expect(titlesFor('quasar', pages)).toEqual([])
  })

  it.each([
    ['the beginning of a word', 'invo'],
    ['a slip of the pen', 'invoixe'],
    ['another case', 'INVOICE'],
    ['a word among others', 'where is the invoice?'],
  ])('finds %s', (_, query) => {
    expect(titlesFor(query, [aPage('one', 'the invoice of May'), aPage('two', 'nothing')])[0]).toBe('one')
  })

  it('counts words of a text as much as its boost says', () => {
    const pages = [aPage('tea', 'green'), aPage('green', 'tea')]

    expect(titlesFor('tea', pages, { limit: 1, boost: { title: 2 } })).toEqual(['tea'])
    expect(titlesFor('tea', pages, { limit: 1, boost: { body: 2 } })).toEqual(['green'])
  })

  it('keeps the order of equal matches, and gives no more than the limit', () => {
    const pages = Array.from({ length: 20 }, (_, number) => aPage(String(number + 100), 'tea'))

    expect(titlesFor('tea', pages, { limit: 3 })).toEqual(['100', '101', '102'])
  })

  it('counts a word once, however often the question has it', () => {
    const pages = [aPage('coffee'), aPage('tea')]

    expect(titlesFor('coffee tea', pages)).toEqual(['coffee', 'tea'])
    expect(titlesFor('coffee Tea tea TEA', pages)).toEqual(['coffee', 'tea'])
  })

  it('gives items that it was given, each once, whatever the texts and the question', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(fc.record({ title: text, body: text })), text, fc.nat(5), (pages, query, limit) => {
        const found = rankByWords(pages, query, TEXTS, { limit })

        expect(found.length).toBeLessThanOrEqual(limit)
        expect(new Set(found).size).toBe(found.length)
        expect(found.every((page) => pages.includes(page))).toBe(true)
      }),
    )
  })
})
