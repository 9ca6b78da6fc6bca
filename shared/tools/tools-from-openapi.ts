import * as z from 'zod'
import { SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { HTTP_METHODS, type Tool, toolSchema } from '#shared/protocol/tool.ts'

type HttpTool = Extract<Tool, { type: 'http' }>
type Json = Record<string, unknown>

const objectSchema = z.record(z.string(), z.unknown())
const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header', 'cookie']),
  required: z.boolean().default(false),
  description: z.string().optional(),
  schema: objectSchema.optional(),
})
const operationSchema = z.object({
  operationId: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  parameters: z.array(objectSchema).default([]),
  requestBody: objectSchema.optional(),
})
const documentSchema = z.looseObject({
  openapi: z.string().regex(/^3\.\d/, 'use OpenAPI 3'),
  servers: z.array(z.object({ url: z.string() })).min(1, 'name a server: the host of a tool is fixed'),
  paths: z.record(z.string(), objectSchema),
})

type Document = z.output<typeof documentSchema>
type Parameter = z.output<typeof parameterSchema>

/** Longest chain of references, and deepest schema. */
const MAX_REFERENCES = 20

/**
 * Makes HTTP tools from an OpenAPI 3 description: each operation becomes a tool, and its parameters and the fields of its JSON body become arguments. Keys
 * are never taken from a description: add `headers` that name a secret.
 *
 * @throws ValidationError for an invalid description, or an operation that it does not have
 * @throws SluiceError `unsupported` naming what a tool cannot send
 */
export function toolsFromOpenapi(document: unknown, operationIds: readonly string[]): HttpTool[] {
  const parsed = parseDocument(document)
  return operationIds.map((id) => toolOf(parsed, id))
}

/** An operation in a list; only operations with an id can become tools. */
export type OpenapiOperation = {
  operationId: string | undefined
  method: HttpTool['method']
  path: string
  summary: string | undefined
}

/**
 * The operations of an OpenAPI 3 description, in its order.
 *
 * @throws ValidationError for an invalid description
 */
export const openapiOperations = (document: unknown): OpenapiOperation[] =>
  [...operationsOf(parseDocument(document))].map(({ path, method, operation: { operationId, summary } }) => ({
    operationId,
    method,
    path,
    summary,
  }))

function parseDocument(document: unknown): Document {
  const parsed = documentSchema.safeParse(document)
  if (parsed.success) return parsed.data
  throw new ValidationError(`this is no description that can be used: ${z.prettifyError(parsed.error)}`)
}

function toolOf(document: Document, operationId: string): HttpTool {
  const { path, method, operation, shared } = findOperation(document, operationId)
  const refuse = (what: string): never => {
    throw new SluiceError('unsupported', `the operation "${operationId}" has ${what}, which a tool cannot send`)
  }
  const parameters = [...shared, ...operation.parameters].map((each) => parameterSchema.parse(resolve(document, each)))
  const strange = parameters.find((each) => each.in === 'header' || each.in === 'cookie')
  if (strange?.required) refuse(`the required ${strange.in} "${strange.name}"`)
  const sent = parameters.filter((each) => each.in === 'path' || each.in === 'query')
  const body = bodyOf(document, operation.requestBody, refuse)
  const twice = sent.find(({ name }) => Object.hasOwn(body.properties, name))
  if (twice) refuse(`the name "${twice.name}" in both its ${twice.in} and its body`)
  const required = [...new Set([...sent.filter((each) => each.required).map(({ name }) => name), ...body.required])]
  const tool = toolSchema.safeParse({
    type: 'http',
    name: operationId.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64),
    description: [operation.summary, operation.description].filter(Boolean).join('\n').slice(0, 2_000) || operationId,
    method,
    url: addressOf(document, path, method, sent),
    parameters: {
      type: 'object',
      properties: { ...Object.fromEntries(sent.map((each) => [each.name, described(document, each)])), ...body.properties },
      ...(required.length > 0 && { required }),
    },
  })
  if (tool.success && tool.data.type === 'http') return tool.data
  throw new ValidationError(`no tool can be made of "${operationId}": ${tool.error ? z.prettifyError(tool.error) : ''}`)
}

function* operationsOf(document: Document) {
  for (const [path, item] of Object.entries(document.paths)) {
    const shared = z.array(objectSchema).catch([]).parse(item.parameters)
    for (const method of HTTP_METHODS) {
      const found = operationSchema.safeParse(item[method.toLowerCase()])
      if (found.success) yield { path, method, operation: found.data, shared }
    }
  }
}

function findOperation(document: Document, operationId: string) {
  const all = [...operationsOf(document)]
  const found = all.find(({ operation }) => operation.operationId === operationId)
  if (found) return found
  const known = all.flatMap(({ operation }) => operation.operationId ?? [])
  throw new ValidationError(`there is no operation "${operationId}"; there are: ${known.slice(0, 50).join(', ') || 'none'}`)
}

/** The address with places for arguments. Without a body, HTTP tools put arguments into the query themselves; with one, the query is written out. */
function addressOf({ servers }: Document, path: string, method: HttpTool['method'], sent: readonly Parameter[]): string {
  const base = (servers[0]?.url ?? '').replace(/\/$/, '')
  const query = method === 'GET' || method === 'DELETE' ? [] : sent.filter((each) => each.in === 'query')
  const search = query.map(({ name }) => `${encodeURIComponent(name)}={${name}}`).join('&')
  return `${base}${path}${search && `?${search}`}`
}

const described = (document: Document, { schema = {}, description }: Parameter): Json => ({
  ...inlined(document, schema),
  ...(description !== undefined && { description }),
})

function bodyOf(
  document: Document,
  requestBody: Json | undefined,
  refuse: (what: string) => never,
): { properties: Json; required: string[] } {
  if (!requestBody) return { properties: {}, required: [] }
  const { content, required: isRequired } = resolve(document, requestBody)
  const media = objectSchema.catch({}).parse(content)['application/json']
  if (media === undefined) return isRequired ? refuse('a body that is no JSON') : { properties: {}, required: [] }
  const schema = inlined(document, objectSchema.catch({}).parse(objectSchema.catch({}).parse(media).schema))
  if (schema.type !== 'object' && schema.properties === undefined) return refuse('a body that is no JSON object')
  return {
    properties: objectSchema.catch({}).parse(schema.properties),
    required: isRequired ? z.array(z.string()).catch([]).parse(schema.required) : [],
  }
}

/** Replaces all references in a schema, because the model sees only the schema. */
function inlined(document: Document, schema: Json, depth = 0): Json {
  if (depth > MAX_REFERENCES) throw new SluiceError('unsupported', 'a schema refers to itself, which a tool cannot tell a model')
  const inline = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inline)
    const object = objectSchema.safeParse(value)
    return object.success ? inlined(document, object.data, depth + 1) : value
  }
  return Object.fromEntries(Object.entries(resolve(document, schema)).map(([name, value]) => [name, inline(value)]))
}

/** What a reference leads to, within the document. */
function resolve(document: Document, value: Json, depth = 0): Json {
  const { $ref } = value
  if (typeof $ref !== 'string') return value
  if (!$ref.startsWith('#/') || depth > MAX_REFERENCES)
    throw new SluiceError('unsupported', `the reference "${$ref}" leads out of the document, or to itself`)
  const names = $ref
    .slice(2)
    .split('/')
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'))
  let target: unknown = document
  for (const name of names) target = objectSchema.catch({}).parse(target)[name]
  const found = objectSchema.safeParse(target)
  if (!found.success) throw new ValidationError(`"${$ref}" is not in the document`)
  return resolve(document, found.data, depth + 1)
}
