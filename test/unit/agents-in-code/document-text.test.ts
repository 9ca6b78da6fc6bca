import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { documentText } from '../../../functions/agents/documents/document-text.ts'

const html = (body: string): string => documentText(body, 'text/html; charset=utf-8')

describe('documentText', () => {
  it.each([
    ['<p>One</p><p>Two</p>', 'One\n\nTwo'],
    ['<b>bold</b> and <i>thin</i>', 'bold and thin'],
    ['a<br>b<BR/>c', 'a\nb\nc'],
    ['<head><title>no</title></head><body>yes</body>', 'yes'],
    ['before<script>if (a < b) alert("no")</script>after', 'beforeafter'],
    ['<!-- no > no -->yes', 'yes'],
    ['&lt;tag&gt; &amp; &quot;quote&quot; &#233; &#xe9; &nope; &#1114112;', '<tag> & "quote" é é &nope; &#1114112;'],
    ['1 &lt 2', '1 &lt 2'],
    ['open <b', 'open'],
    ['<script>never ends', ''],
    ['many    spaces\n\n\n\n\nand lines', 'many spaces\n\nand lines'],
  ])('reads %s', (body, text) => {
    expect(html(body)).toBe(text)
  })

  it('leaves plain text and JSON as they are', () => {
    expect(documentText('1 < 2 &amp; 3', 'text/plain')).toBe('1 < 2 &amp; 3')
    expect(documentText('{"a": "<b>"}', 'application/json')).toBe('{"a": "<b>"}')
  })

  it('refuses what is no text', () => {
    expect(() => documentText('%PDF-1.7', 'application/pdf')).toThrow(expect.objectContaining({ code: 'validation_error' }))
  })

  it('keeps words and drops tags, whatever stands in them', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), word, (words, attribute) => {
        const text = html(words.map((each) => `<span title="${attribute}">${each}</span>`).join(' '))
        expect(text.split(' ')).toEqual(words)
      }),
    )
  })

  it.each(['<script>', '<', '<!--', '&#'])('takes time by the length alone: many %s', (piece) => {
    const started = performance.now()

    html(piece.repeat(200_000))

    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
