import type { Operation, ParameterObject } from './openapi-document.ts'

/** What a reader has filled in. */
export interface Draft {
  /** By `in` and name: `query.limit`. */
  values: Readonly<Record<string, string>>
  body: string
}

/** A request as it goes out. */
export interface BuiltRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: string | undefined
}

export const fieldOf = ({ in: place, name }: ParameterObject): string => `${place}.${name}`

/** Names of the path's parameters that are still empty. */
export const missingOf = ({ parameters = [] }: Operation, { values }: Draft): string[] =>
  parameters.filter((parameter) => parameter.required && !values[fieldOf(parameter)]).map(({ name }) => name)

/** The request of a draft. A parameter that is left empty is not sent. */
export function buildRequest(operation: Operation, draft: Draft, origin: string, token: string): BuiltRequest {
  const url = new URL(pathOf(operation, draft), origin)
  const headers: Record<string, string> = { authorization: `Bearer ${token}` }
  for (const parameter of operation.parameters ?? []) {
    const value = draft.values[fieldOf(parameter)]
    if (!value) continue
    if (parameter.in === 'query') url.searchParams.set(parameter.name, value)
    if (parameter.in === 'header') headers[parameter.name.toLowerCase()] = value
  }
  const body = operation.requestBody && draft.body.trim() !== '' ? draft.body : undefined
  if (body !== undefined) headers['content-type'] = 'application/json'
  return { method: operation.method, url: url.href, headers, body }
}

function pathOf({ path, parameters = [] }: Operation, { values }: Draft): string {
  return parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce(
      (filled, parameter) => filled.replace(`{${parameter.name}}`, encodeURIComponent(values[fieldOf(parameter)] ?? '')),
      path,
    )
}

/** The same request for a shell; the token stands in a variable, so that it is in no history. */
export function toCurl({ method, url, headers, body }: BuiltRequest): string {
  const shown = Object.entries({ ...headers, authorization: 'Bearer $TOKEN' })
  const lines = [
    `curl -X ${method} ${quote(url)}`,
    ...shown.map(([name, value]) => (name === 'authorization' ? `-H "${name}: ${value}"` : `-H ${quote(`${name}: ${value}`)}`)),
    ...(body === undefined ? [] : [`-d ${quote(body)}`]),
  ]
  return lines.join(' \\\n  ')
}

/** For a POSIX shell: nothing within single quotes means anything but their end. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
