import type { Client, Tool as ServerTool } from '@modelcontextprotocol/client'
import type { JsonSchema, LlmTool } from '#shared/llm/llm-provider.ts'
import { ValidationError } from '#shared/platform/errors.ts'
import { MAX_JSON_DEPTH } from '#shared/platform/parse.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import { isDeeperThan } from '#shared/protocol/json-depth.ts'
import { type McpConnection, mcpConnection } from './mcp-connection.ts'
import type { McpTool } from './mcp-fetch.ts'
import { mcpOutput } from './mcp-result.ts'
import { oauthTokens } from './oauth-tokens.ts'
import type { OpenTool, OpenTools, ToolCall } from './open-tool.ts'
import { plainText } from './plain-text.ts'
import { redact, redactor } from './redact.ts'
import type { ToolDependencies } from './tool-dependencies.ts'

/** How long a warm container uses a list of tools, in milliseconds. */
const LIST_MS = 30_000
/** Longest wait for a list of tools, in milliseconds. */
const LIST_TIMEOUT_MS = 10_000
const MAX_LISTS = 100
const DEFAULT_TIMEOUT_SECONDS = 30
/** Limits of what a server says about a tool: a description in UTF-16 code units, a schema in bytes of JSON. */
const MAX_DESCRIPTION = 1_024
const MAX_SCHEMA_BYTES = 16 * 1024
/** Longest name of a tool that every vendor takes. */
const MAX_NAME = 64
/** The field of `_meta` with the idempotency key of a call. */
const KEY_META = 'sluice/idempotencyKey'

/** A tool as its server offers it, and whether calling it twice does no harm. */
type Offered = { serverName: string; tool: LlmTool; repeatable: boolean }

/**
 * Opens the tools of servers of the Model Context Protocol: those that the definition allows, named `<server>_<tool>`. What a server says about its tools is
 * untrusted text: it is made plain, and kept short.
 */
export function mcpTools(dependencies: ToolDependencies): OpenTools<McpTool> {
  const { clock } = dependencies
  const tokens = oauthTokens(dependencies)
  const lists = new Map<string, { until: number; offered: readonly Offered[] }>()

  async function offeredBy(definition: McpTool, tenant: string, connection: McpConnection): Promise<readonly Offered[]> {
    const { name, url, headers, oauth, allow } = definition
    const key = JSON.stringify([tenant, name, url, headers, oauth, allow])
    const known = lists.get(key)
    if (known && known.until > clock.now()) return known.offered
    const offered = toOffered(definition, await connection.use(listTools), connection.secrets())
    lists.delete(key)
    lists.set(key, { until: clock.now() + LIST_MS, offered })
    const [oldest] = lists.keys()
    if (lists.size > MAX_LISTS && oldest !== undefined) lists.delete(oldest)
    return offered
  }

  return async (definition, { tenant }, signal) => {
    const timeoutMs = (definition.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1_000
    const connection = mcpConnection({ ...dependencies, tokens }, definition, timeoutMs)
    try {
      const offered = await unlessAborted(offeredBy(definition, tenant, connection), signal)
      return { tools: offered.map((each) => openTool(each, connection)), close: connection.close }
    } catch (error) {
      await connection.close()
      throw error
    }
  }
}

async function listTools(client: Client): Promise<readonly ServerTool[]> {
  const { tools } = await client.listTools(undefined, { timeout: LIST_TIMEOUT_MS, maxTotalTimeout: LIST_TIMEOUT_MS })
  return tools
}

/** @throws ValidationError for an allowed tool that the server does not have, or that cannot be described to a model */
function toOffered({ name: server, allow }: McpTool, all: readonly ServerTool[], secrets: readonly string[]): readonly Offered[] {
  const hide = redactor(secrets)
  const plain: Plain = (text, maxLength) => plainText(hide(text), maxLength)
  return allow.map((serverName) => {
    const found = all.find(({ name }) => name === serverName)
    if (!found) throw new ValidationError(`the server has no tool "${serverName}"`)
    const name = `${server}_${serverName.replaceAll(/[^A-Za-z0-9_-]/g, '_')}`
    if (name.length > MAX_NAME)
      throw new ValidationError(`"${name}" is longer than ${MAX_NAME} characters: give the server a shorter name`)
    if (isDeeperThan(found.inputSchema, MAX_JSON_DEPTH))
      throw new ValidationError(`the schema of "${serverName}" is nested deeper than ${MAX_JSON_DEPTH} levels`)
    const parameters = plainSchema(found.inputSchema, plain) as JsonSchema
    if (Buffer.byteLength(JSON.stringify(parameters)) > MAX_SCHEMA_BYTES)
      throw new ValidationError(`the schema of "${serverName}" is larger than ${MAX_SCHEMA_BYTES} bytes`)
    const { readOnlyHint = false, idempotentHint = false } = found.annotations ?? {}
    const description = plain(found.description ?? found.title ?? serverName, MAX_DESCRIPTION)
    return { serverName, tool: { name, description, parameters }, repeatable: readOnlyHint || idempotentHint }
  })
}

type Plain = (text: string, maxLength: number) => string

/** Makes the texts in a schema plain: the model reads its descriptions, titles, examples and names of fields too. */
function plainSchema(value: unknown, plain: Plain): unknown {
  if (typeof value === 'string') return plain(value, MAX_DESCRIPTION)
  if (Array.isArray(value)) return value.map((each) => plainSchema(each, plain))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [plain(name, 128), plainSchema(inner, plain)]))
}

const openTool = ({ serverName, tool, repeatable }: Offered, connection: McpConnection): OpenTool => ({
  tool,
  repeatable,
  checkedElsewhere: true,
  async call(input, { idempotencyKey, timeoutMs, signal }: ToolCall) {
    const params = { name: serverName, arguments: input as Record<string, unknown>, _meta: { [KEY_META]: idempotencyKey } }
    const result = await connection.use((client) =>
      client.callTool(params, { signal, timeout: timeoutMs, maxTotalTimeout: timeoutMs }),
    )
    const { content, isError } = mcpOutput(result)
    return { content: redact(content, connection.secrets()), isError: isError === true }
  },
})
