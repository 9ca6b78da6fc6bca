import { ValidationError } from '#shared/platform/errors.ts'

/** Elements whose content nobody reads. */
const SILENT = /^(script|style|head|noscript|template)$/
/** Elements that begin a new line. */
const BLOCK = /^(address|article|blockquote|br|div|dd|dt|footer|h[1-6]|header|hr|li|main|ol|p|pre|section|table|td|th|tr|ul)$/
const TAG_NAME = /^<\/?([a-z][a-z0-9]*)/i

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
])

/**
 * The text of a document.
 *
 * @param contentType - of its answer
 * @throws ValidationError when it is neither text nor HTML
 */
export function documentText(body: string, contentType: string): string {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'text/html' || type === 'application/xhtml+xml') return tidy(htmlText(body))
  if (type.startsWith('text/') || type === 'application/json') return tidy(body)
  throw new ValidationError(`a document of the type "${type}" cannot be read; use text or HTML`)
}

/** What stands between the tags. One pass from left to right, so a document takes time by its length alone, however it is made. */
function htmlText(html: string): string {
  const parts: string[] = []
  const lower = html.toLowerCase()
  for (let position = 0; position < html.length; ) {
    const tagStart = html.indexOf('<', position)
    const end = tagStart === -1 ? html.length : tagStart
    parts.push(decodeEntities(html.slice(position, end)))
    if (tagStart === -1) break
    const close = lower.startsWith('<!--', tagStart) ? '-->' : '>'
    position = after(lower, close, tagStart)
    const name = TAG_NAME.exec(lower.slice(tagStart, tagStart + 20))?.[1] ?? ''
    if (SILENT.test(name) && lower[tagStart + 1] !== '/') position = after(lower, '>', after(lower, `</${name}`, position))
    if (BLOCK.test(name)) parts.push('\n')
  }
  return parts.join('')
}

function after(text: string, wanted: string, from: number): number {
  const found = text.indexOf(wanted, from)
  return found === -1 ? text.length : found + wanted.length
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES.get(name.toLowerCase()) ?? whole
    const codePoint = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : whole
  })
}

/** No runs of spaces, and one empty line at the most. */
const tidy = (text: string): string =>
  text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
