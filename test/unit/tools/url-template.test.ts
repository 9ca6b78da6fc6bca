import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { urlTemplate } from '#shared/tools/url-template.ts'

const fill = (template: string, values: Record<string, unknown>): string => urlTemplate(template).fill(values).href

describe('urlTemplate', () => {
  it('puts arguments where they belong', () => {
    expect(fill('https://api.example.com/users/{id}/orders?expand={expand}&v=2', { id: 42, expand: 'a b' })).toBe(
      'https://api.example.com/users/42/orders?expand=a%20b&v=2',
    )
    expect(urlTemplate('https://api.example.com/users/{id}?q={q}')).toMatchObject({ path: ['id'], query: ['q'] })
  })

  it('leaves out the pair of an argument that is missing', () => {
    expect(fill('https://api.example.com/?a={a}&b={b}', { b: 'x' })).toBe('https://api.example.com/?b=x')
  })

  it.each([
    'https://{host}/path',
    'https://api.{name}.com/',
    'https://api.example.com{path}',
    'https://user@example.com/',
    '{scheme}://api.example.com/',
    'https://api.example.com/{a b}',
    'https://api.example.com/{id',
    'https://api.example.com/#{id}',
    'ftp://api.example.com/',
    'api.example.com/{id}',
  ])('refuses %s', (template) => {
    expect(() => urlTemplate(template)).toThrow(expect.objectContaining({ code: 'validation_error' }))
  })

  it.each([
    ['..'],
    ['.'],
    [''],
    ['../admin'],
    ['a/../../admin'],
    ['..\\admin'],
    ['%2e%2e/admin'],
    ['%2E%2E%2Fadmin'],
    ['a\r\nhost: evil'],
    ['a\u0000'],
    ['\ud800'],
    [{}],
    [['a']],
    [null],
    [undefined],
  ])('lets no argument lead elsewhere: %j', (id) => {
    expect(() => fill('https://api.example.com/users/{id}/orders', { id })).toThrow(
      expect.objectContaining({ code: 'validation_error' }),
    )
  })

  it.each(['{a}{b}', '{a}.', '.{a}'])('lets no two parts make a step up: %s', (segment) => {
    expect(() => fill(`https://api.example.com/x/${segment}/y`, { a: '.', b: '.' })).toThrow(
      expect.objectContaining({ code: 'validation_error' }),
    )
  })

  it.each(['@evil.example', '//evil.example', '?admin=true', '#top', ':8080', ';x=1', '& b=c'])(
    'keeps %s within its place',
    (id) => {
      const url = urlTemplate('https://api.example.com/users/{id}/orders').fill({ id })

      expect(url.origin).toBe('https://api.example.com')
      expect(url.pathname).toBe(`/users/${encodeURIComponent(id)}/orders`)
      expect(url.search + url.hash).toBe('')
    },
  )

  it('never leaves the origin or the number of segments, whatever the arguments', async () => {
    const template = urlTemplate('https://api.example.com/a/{one}/b{two}/c?q={three}')
    await fc.assert(
      fc.property(fc.string(), fc.string(), fc.string({ unit: 'binary' }), (one, two, three) => {
        let url: URL
        try {
          url = template.fill({ one, two, three })
        } catch (error) {
          expect(error).toMatchObject({ code: 'validation_error' })
          return
        }
        expect(url.origin).toBe('https://api.example.com')
        expect(url.pathname.split('/')).toHaveLength(5)
        expect(url.searchParams.get('q')).toBe(three)
      }),
    )
  })
})
