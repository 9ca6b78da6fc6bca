import { SluiceError, toSluiceError, ValidationError } from '#shared/platform/errors.ts'
import { unlessAborted } from '#shared/platform/unless-aborted.ts'
import type { Tool } from '#shared/protocol/tool.ts'
import { checkArguments } from './check-arguments.ts'
import { cutText } from './cut-text.ts'
import type { OpenedTools, OpenTool, Pending, ToolOutput } from './open-tool.ts'
import type { ToolDependencies } from './tool-dependencies.ts'
import { toolHashOf } from './tool-hash.ts'
import { type ToolOpener, toolOpener } from './tool-opener.ts'
import type { CallOptions, CheckedCall, Toolbox, Toolboxes, ToolCaller, ToolResult } from './toolbox.ts'

const DEFAULT_TIMEOUT_SECONDS = 30
/** Longer than for other tools: waiting for an agent occupies no worker. */
const DEFAULT_AGENT_TIMEOUT_SECONDS = 3_600
const DEFAULT_RESULT_BYTES = 16_384
const DEFAULT_APPROVAL_SECONDS = 3_600

type Entry = { definition: Tool; open: OpenTool }

/** Opens toolboxes. The code of a kind of tool is loaded with the first tool of that kind. */
export function toolboxes(dependencies: ToolDependencies): Toolboxes {
  const openTools = toolOpener(dependencies)
  return {
    leave: dependencies.leaveAgent,

    async open(definitions, caller, signal) {
      const opened = await openAll(openTools, definitions, caller, signal)
      const close = async (): Promise<void> => {
        await Promise.allSettled(opened.map(({ tools }) => tools.close?.()))
      }
      try {
        return { ...toolboxOf(dependencies, byName(opened)), close }
      } catch (error) {
        await close()
        throw error
      }
    },
  }
}

type Opened = { definition: Tool; tools: OpenedTools }

async function openAll(
  openTools: ToolOpener,
  definitions: readonly Tool[],
  caller: ToolCaller,
  signal: AbortSignal,
): Promise<Opened[]> {
  const results = await Promise.allSettled(
    definitions.map(async (definition) => ({
      definition,
      tools: await openTools(definition, caller, signal),
    })),
  )
  const opened = results.filter((result) => result.status === 'fulfilled').map(({ value }) => value)
  const failed = results.find((result) => result.status === 'rejected')
  if (!failed) return opened
  await Promise.allSettled(opened.map(({ tools }) => tools.close?.()))
  throw failed.reason
}

/** @throws ValidationError when two tools would have one name */
function byName(opened: readonly Opened[]): Map<string, Entry> {
  const entries = new Map<string, Entry>()
  for (const { definition, tools } of opened) {
    for (const open of tools.tools) {
      const { name } = open.tool
      if (entries.has(name)) throw new ValidationError(`two tools of the agent have the name "${name}": rename one of them`)
      entries.set(name, { definition, open })
    }
  }
  return entries
}

function toolboxOf({ logger, clock }: ToolDependencies, entries: ReadonlyMap<string, Entry>): Omit<Toolbox, 'close'> {
  return {
    tools: [...entries.values()].map(({ open }) => open.tool),

    check({ callId, toolName, arguments: json }) {
      const entry = entries.get(toolName)
      if (!entry) return { ok: false, result: failure(unknownTool(toolName, entries)) }
      const { definition, open } = entry
      const checked = checkArguments(json, open.tool.parameters, open)
      if (!checked.ok) return { ok: false, result: failure(checked.mistake) }
      const { approval, approvalTimeoutSeconds = DEFAULT_APPROVAL_SECONDS } = definition
      const call: CheckedCall = { callId, toolName, arguments: checked.value, repeatable: open.repeatable }
      if (approval !== 'always') return { ok: true, call }
      return { ok: true, call: { ...call, approvalTimeoutSeconds, toolHash: toolHashOf(definition, open.tool) } }
    },

    async run(call, options) {
      const entry = entries.get(call.toolName)
      if (!entry) return ended(failure(unknownTool(call.toolName, entries)))
      const { maxResultBytes = DEFAULT_RESULT_BYTES } = entry.definition
      const timeoutMs = timeoutOf(entry.definition)
      const now = clock.now()
      const { startedAt = now } = options
      const elapsedMs = options.startedAt === undefined ? undefined : now - startedAt
      try {
        const output = await callWithin({ timeoutMs, elapsedMs }, entry.open, call, options)
        if ('pending' in output) return { status: 'pending', startedAt, until: startedAt + timeoutMs }
        const { content, isError = false } = output
        return ended({ content: cutText(content, maxResultBytes), isError })
      } catch (thrown) {
        options.signal.throwIfAborted()
        const error = toSluiceError(thrown)
        if (!error.expose) logger.error('tool_failed', { toolName: call.toolName, callId: call.callId, error: thrown })
        const said = error.expose ? `${error.code}: ${error.message}` : 'internal: the tool failed'
        return ended(failure(cutText(said, maxResultBytes)))
      }
    },
  }
}

const timeoutOf = ({ type, timeoutSeconds }: Tool): number =>
  (timeoutSeconds ?? (type === 'agent' ? DEFAULT_AGENT_TIMEOUT_SECONDS : DEFAULT_TIMEOUT_SECONDS)) * 1_000

/** @throws SluiceError `timeout` when the time is up */
async function callWithin(
  { timeoutMs, elapsedMs }: { timeoutMs: number; elapsedMs: number | undefined },
  open: OpenTool,
  { callId, arguments: input }: CheckedCall,
  { idempotencyKey, signal: stopped }: CallOptions,
): Promise<ToolOutput | Pending> {
  stopped.throwIfAborted()
  const leftMs = Math.max(0, timeoutMs - (elapsedMs ?? 0))
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new SluiceError('timeout', `no answer within ${timeoutMs / 1_000} s`)), leftMs)
  const signal = AbortSignal.any([stopped, late.signal])
  try {
    const output = open.call(input, { callId, idempotencyKey, timeoutMs: leftMs, elapsedMs, signal })
    return await (open.endsWithSignal ? output : unlessAborted(output, signal))
  } finally {
    clearTimeout(timer)
  }
}

const ended = (result: ToolResult) => ({ status: 'ended' as const, result })

const failure = (content: string): ToolResult => ({ content, isError: true })

const unknownTool = (name: string, entries: ReadonlyMap<string, Entry>): string =>
  `There is no tool "${name.slice(0, 64)}". Those that there are: ${[...entries.keys()].join(', ') || 'none'}.`
