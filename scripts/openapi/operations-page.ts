import { type Route, TAGS } from '../../functions/http/route.ts'
import { ROUTES } from '../../functions/http/route-table.ts'

const INTRODUCTION = `# Operations of the API

Every operation, by chapter, with the scope that it needs. [docs/api.md](api.md) says what they have in common; the console's page *API* has their fields, and
tries them. Written by \`npm run docs:openapi\`.
`

/** Every operation on a page of Markdown. */
export function operationsPage(): string {
  return `${[INTRODUCTION, ...TAGS.map(chapter).filter(Boolean)].join('\n')}`
}

function chapter(tag: (typeof TAGS)[number]): string {
  const rows = ROUTES.filter((route) => route.tag === tag).map(row)
  if (rows.length === 0) return ''
  return `## ${tag}\n\n| operation | | scope |\n|---|---|---|\n${rows.join('\n')}\n`
}

const row = ({ method, path, summary, scope }: Route): string =>
  `| \`${method} ${path.replace('{proxy+}', '{path}')}\` | ${summary.replaceAll('|', '\\|')} | ${scopeOf(scope)} |`

function scopeOf(scope: Route['scope']): string {
  if (scope === 'none') return 'nobody is asked'
  return scope === 'any' ? 'any' : `\`${scope}\``
}
