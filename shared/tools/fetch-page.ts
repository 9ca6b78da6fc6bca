import { SluiceError } from '#shared/platform/errors.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { htmlText } from './html-text.ts'
import type { OpenTool, ToolOutput } from './open-tool.ts'
import { readText } from './read-text.ts'

/** Largest page that is read, in bytes. */
const MAX_PAGE_BYTES = 1024 * 1024

type Options = { url: string; raw?: boolean }

/** The built-in tool `fetch`: reads pages of the hosts that the definition names, and of no others. */
export const fetchPage = ({ allowPrivate }: { allowPrivate: boolean }, hosts: readonly string[]): OpenTool => ({
  tool: {
    name: 'fetch',
    description: `Reads a page or a document. Hosts that can be read: ${hosts.join(', ')}.`,
    parameters: {
      type: 'object',
      properties: {
        url: { type: 'string', maxLength: 2_048, description: 'Address, beginning with https://' },
        raw: { type: 'boolean', description: 'Give HTML as it is, not its text alone.' },
      },
      required: ['url'],
      additionalProperties: false,
    },
  },
  repeatable: true,
  async call(input, { timeoutMs, signal }) {
    const { url, raw = false } = input as Options
    requireHost(url, hosts)
    const request = { headers: { accept: 'text/html, application/json, text/*;q=0.9' } }
    const response = await guardedFetch(url, request, { allowPrivate, timeoutMs, maxBytes: MAX_PAGE_BYTES, signal })
    return outputOf(response, raw)
  },
})

/** @throws SluiceError `forbidden` for every other host */
function requireHost(url: string, hosts: readonly string[]): void {
  const target = URL.parse(url)
  const isNamed = (named: string): boolean =>
    named.startsWith('*.')
      ? target?.hostname.endsWith(named.slice(1).toLowerCase()) === true
      : [target?.hostname, target?.host].includes(named.toLowerCase())
  if (hosts.some(isNamed)) return
  throw new SluiceError('forbidden', `only these hosts can be read: ${hosts.join(', ')}`)
}

async function outputOf(response: Response, raw: boolean): Promise<ToolOutput> {
  const { status, ok, headers } = response
  // Redirects are not followed: the model may request the new address, whose host is checked again.
  const location = headers.get('location')
  if (status >= 300 && status < 400)
    return { content: `HTTP ${status}: it has moved to ${location?.slice(0, 2_048)}`, isError: true }
  const text = await readText(response)
  const shown = !raw && /\bhtml\b/i.test(headers.get('content-type') ?? '') ? htmlText(text) : text
  return ok ? { content: shown } : { content: `HTTP ${status}: ${shown}`, isError: true }
}
