import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { curlsWithoutType } from './doc-curls.ts'
import { deadLinks } from './doc-links.ts'
import { allowedRooms, biomeConfigSchema, repositoryFiles } from './layer-rules.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const config = biomeConfigSchema.parse(JSON.parse(read('biome.json')))

describe('links of pages', () => {
  it.each(repositoryFiles('*.md'))('lead somewhere: %s', (page) => {
    expect(deadLinks(page, read(page))).toEqual([])
  })

  it('are dead without a file or a heading', () => {
    const markdown = '[a](missing.md) [b](architecture.md#no-such-heading) [c](architecture.md#data) [d](#here) `[e](code.md)`'

    expect(deadLinks('docs/page.md', markdown)).toEqual(['missing.md', 'architecture.md#no-such-heading', '#here'])
  })
})

describe('calls of curl', () => {
  it.each(repositoryFiles('*.md'))('say what they send: %s', (page) => {
    expect(curlsWithoutType(read(page))).toEqual([])
  })

  it('do not when no header has the type of the body', () => {
    const good = "curl $SLUICE/a -H 'content-type: application/json' \\\n  -d '{}'\ncurl $SLUICE/b"
    const bad = `curl $SLUICE/c -H 'x: y' -d @file`

    expect(curlsWithoutType(`\`\`\`sh\n${good}\n${bad}\n\`\`\`\n`)).toEqual([bad])
  })
})

describe('the index of the docs', () => {
  it('names every page', () => {
    const pages = readdirSync('docs').filter((name) => name.endsWith('.md') && name !== 'README.md')

    expect(pages.filter((page) => !read('docs/README.md').includes(`](${page})`))).toEqual([])
  })
})

describe('the tables of rooms and functions', () => {
  it.each([
    ['README.md', 'shared'],
    ['shared/README.md', 'shared'],
    ['README.md', 'functions'],
    ['docs/architecture.md', 'functions'],
  ])('of %s name every folder of %s', (page, folder) => {
    const isNamed = new Set([...read(page).matchAll(/`([a-z]+)`/g)].map(([, name]) => name))
    const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())

    expect(folders.map(({ name }) => name).filter((name) => !isNamed.has(name))).toEqual([])
  })
})

describe('the table of rooms', () => {
  const rows = [...read('shared/README.md').matchAll(/^\| `(\w+)`.* \| (.+) \|$/gm)]
  const namesIn = (cell: string): string[] => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)

  it('has a row for every room', () => {
    const rooms = readdirSync('shared', { withFileTypes: true }).filter((entry) => entry.isDirectory())

    expect(rows.map(([, room]) => room).sort()).toEqual(rooms.map(({ name }) => name).sort())
  })

  it.each(rows.map(([, room = '', cell = '']) => [room, namesIn(cell)] as const))(
    'says what %s may import, as the linter has it',
    (room, named) => {
      expect([...named].sort()).toEqual(allowedRooms(room, config).sort())
    },
  )
})
