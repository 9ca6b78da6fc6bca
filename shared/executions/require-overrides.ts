import type { Principal } from '#shared/access/principal.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import type { LlmOverrides } from '#shared/protocol/llm.ts'

/**
 * Lets everybody who may ask say how a model answers. Which model that is decides what it costs and who reads the question: it takes the right to change agents.
 *
 * @throws ForbiddenError
 */
export function requireOverrides(principal: Principal, { provider, model }: LlmOverrides = {}): void {
  if (provider !== undefined || model !== undefined) requireScope(principal, 'agents:write')
}
