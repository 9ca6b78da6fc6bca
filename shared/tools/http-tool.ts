import { secretHeaders } from '#shared/llm/secret-headers.ts'
import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import type { OpenedTools, ToolCall, ToolOutput } from './open-tool.ts'
import { readText } from './read-text.ts'
import { redactor } from './redact.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import { urlTemplate } from './url-template.ts'

type HttpTool = Extract<Tool, { type: 'http' }>
type Arguments = Readonly<Record<string, unknown>>

/** Largest answer that is read, in bytes; the model gets less of it. */
const MAX_ANSWER_BYTES = 1024 * 1024

/** A tool that calls an HTTP address. Whatever the model says, the host is the one in the definition. */
export async function openHttpTool(dependencies: ToolDependencies, definition: HttpTool): Promise<OpenedTools> {
  const { name, description, method, url } = definition
  const template = urlTemplate(url)
  const parameters = definition.parameters ?? parametersOf([...template.path, ...template.query], template.path)
  return {
    tools: [
      {
        tool: { name, description, parameters },
        // Repeated with `Idempotency-Key`. Services that ignore it may act twice: the documentation warns of that.
        repeatable: true,
        call: (input, call) =>
          callAddress(
            dependencies,
            definition,
            requestOf(method, template.fill(input as Arguments), rest(input, template)),
            call,
          ),
      },
    ],
  }
}

const parametersOf = (names: readonly string[], required: readonly string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  required: [...required],
})

/** The arguments that are not part of the address. */
const rest = (input: unknown, { path, query }: ReturnType<typeof urlTemplate>): [string, unknown][] =>
  Object.entries(input as Arguments).filter(([name]) => !path.includes(name) && !query.includes(name))

type HttpRequest = { method: HttpTool['method']; url: URL; body?: string }

/** Arguments that are not part of the address go into the query for methods without a body, and into a JSON body otherwise. */
function requestOf(method: HttpTool['method'], url: URL, left: [string, unknown][]): HttpRequest {
  if (method !== 'GET' && method !== 'DELETE') return { method, url, body: JSON.stringify(Object.fromEntries(left)) }
  for (const [name, value] of left) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each === undefined || each === null) continue
      url.searchParams.append(name, typeof each === 'object' ? JSON.stringify(each) : String(each))
    }
  }
  return { method, url }
}

async function callAddress(
  { secretFor, allowPrivate }: ToolDependencies,
  definition: HttpTool,
  { method, url, body }: HttpRequest,
  { idempotencyKey, timeoutMs, signal }: ToolCall,
): Promise<ToolOutput> {
  const own = await secretHeaders(secretFor, definition.headers ?? {}, url.href)
  const headers = {
    accept: 'application/json, text/*;q=0.9',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(method !== 'GET' && { 'idempotency-key': idempotencyKey }),
    ...own.headers,
  }
  const request = { method, headers, ...(body !== undefined && { body }) }
  const response = await guardedFetch(url.href, request, { allowPrivate, timeoutMs, maxBytes: MAX_ANSWER_BYTES, signal })
  const hide = redactor(own.secrets)
  const text = hide(await readText(response, hide))
  if (response.ok) return { content: text === '' ? `HTTP ${response.status}, without a text` : text }
  return { content: `HTTP ${response.status}${whyNot(response)}${text && `: ${text}`}`, isError: true }
}

const whyNot = ({ status }: Response): string => (status < 400 ? ' (redirects are not followed)' : '')
