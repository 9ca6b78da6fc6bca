import { expect, it } from 'vitest'
import { allPages } from '../../../cli/pages.ts'

it('asks for page after page, the first without a cursor', async () => {
  const cursors: unknown[] = []

  const pages = await allPages(async (cursor) => {
    cursors.push(cursor)
    return cursors.length < 3 ? { items: cursors.length, next: `c${cursors.length}` } : { items: 3 }
  })

  expect(pages.map(({ items }) => items)).toEqual([1, 2, 3])
  expect(cursors).toEqual([{}, { after: 'c1' }, { after: 'c2' }])
})

it('passes an error on', async () => {
  await expect(allPages(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
})
