import type { SecretFor } from '#shared/llm/secret-for.ts'
import { SecretOriginError } from '#shared/llm/secret-origin-error.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { memoryLog } from '#shared/platform/log.ts'
import type { ToolDependencies } from '#shared/tools/tool-dependencies.ts'
import type { CallOutcome, Toolbox, ToolCaller, ToolResult } from '#shared/tools/toolbox.ts'

export const aToolCaller = (overrides: Partial<ToolCaller> = {}): ToolCaller => ({
  tenant: 'acme',
  agentId: 'researcher',
  executionId: '0195f3a0-0000-7000-8000-000000000001',
  source: '/principals/ada',
  conversationId: 'chat-1',
  ...overrides,
})

/** What tools stand on: nothing that answers, unless a test says so. */
export function toolDependencies(
  overrides: Partial<ToolDependencies> = {},
): ToolDependencies & { logger: ReturnType<typeof memoryLog> } {
  const logger = memoryLog()
  const nobody = async (): Promise<never> => {
    throw new NotFoundError('agent', 'nobody')
  }
  return {
    callFunction: nobody,
    askAgent: nobody,
    leaveAgent: async () => undefined,
    secretFor: nobody,
    oauthClientFor: nobody,
    conversations: { read: async () => [] },
    notes: { put: nobody, remove: nobody, list: nobody, search: nobody },
    allowPrivate: true,
    clock: { now: () => Date.parse('2026-11-21T14:05:33.000Z') },
    ...overrides,
    logger,
  }
}

/** One secret, for one origin. */
export const aSecretFor =
  (value: string, origin: string): SecretFor =>
  async (service, url) => {
    if (new URL(url).origin !== origin) throw new SecretOriginError(service, new URL(url).origin)
    return value
  }

type Made = { signal?: AbortSignal; key?: string; startedAt?: number }

/** Checks a call and makes it, as a pattern does. */
export async function makeCall(
  toolbox: Toolbox,
  toolName: string,
  input: unknown,
  { signal = new AbortController().signal, key = 'execution:call_1', startedAt }: Made = {},
): Promise<CallOutcome> {
  const checked = toolbox.check({ callId: 'call_1', toolName, arguments: JSON.stringify(input) })
  if (!checked.ok) return { status: 'ended', result: checked.result }
  return toolbox.run(checked.call, { idempotencyKey: key, startedAt, signal })
}

/** What a call came to. */
export async function callTool(...call: Parameters<typeof makeCall>): Promise<ToolResult> {
  const outcome = await makeCall(...call)
  if (outcome.status === 'pending') throw new Error('the call is pending')
  return outcome.result
}
