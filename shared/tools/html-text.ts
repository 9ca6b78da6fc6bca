/** Elements whose content is not text. */
const UNREAD = ['script', 'style', 'template', 'noscript', 'svg', 'head']
/** Elements that start a new line. */
const BLOCK = /<\/?(?:p|div|section|article|main|header|footer|nav|aside|h[1-6]|ul|ol|li|table|tr|blockquote|pre|br|hr)\b/i

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/** The text of a page, one line per block: good enough for a model, without rendering. Runs in linear time, whatever the page contains. */
export function htmlText(html: string): string {
  const words: string[] = []
  let place = 0
  while (place < html.length) {
    const open = html.indexOf('<', place)
    if (open === -1) break
    words.push(html.slice(place, open))
    const close = endOfTag(html, open)
    const tag = html.slice(open, close)
    words.push(BLOCK.test(tag) ? '\n' : '')
    place = afterUnread(html, tag, close)
  }
  words.push(html.slice(place))
  return decode(words.join(''))
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join('\n')
}

function endOfTag(html: string, open: number): number {
  const mark = html.startsWith('<!--', open) ? '-->' : '>'
  const close = html.indexOf(mark, open)
  return close === -1 ? html.length : close + mark.length
}

/** The position after an unread element with its content, or else after the tag. */
function afterUnread(html: string, tag: string, close: number): number {
  const name = /^<([a-z]+)/i.exec(tag)?.[1]?.toLowerCase()
  if (name === undefined || !UNREAD.includes(name) || tag.endsWith('/>')) return close
  const end = new RegExp(`</${name}\\b`, 'gi')
  end.lastIndex = close
  const found = end.exec(html)
  return found ? endOfTag(html, found.index) : html.length
}

const decode = (text: string): string =>
  text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));/gi, (whole, decimal, hex, name) => {
    const known = name === undefined ? undefined : ENTITIES[String(name).toLowerCase()]
    if (name !== undefined) return known ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
