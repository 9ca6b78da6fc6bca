import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** Text that is read as Markdown: what stands in code is none. */
const proseOf = (markdown: string): string => markdown.replaceAll(/```.*?```/gs, '').replaceAll(/`[^`\n]*`/g, 'code')

/** Anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Map<string, number>()
  for (const [, heading = ''] of markdown.replaceAll(/```.*?```/gs, '').matchAll(/^#+ (.+)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const anchor = words.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-')
    const before = anchors.get(anchor) ?? 0
    anchors.set(anchor, before + 1)
    if (before > 0) anchors.set(`${anchor}-${before}`, 1)
  }
  return new Set(anchors.keys())
}

/** Links of a page to files and headings of this repository that are not there. */
export function deadLinks(page: string, markdown: string): string[] {
  const links = [...proseOf(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(page, link))
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(target)) return false
  return anchor === undefined || !target.endsWith('.md') || anchorsOf(readFileSync(target, 'utf8')).has(anchor)
}
