import { guardedFetch } from '#shared/platform/guarded-fetch.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import type { AgentContext } from './agent-context.ts'

const TIMEOUT_MS = 10_000

/** @param allowPrivate - whether addresses of private networks are reached; on the stage `local` alone */
export const agentFetch =
  (allowPrivate: boolean, signal: AbortSignal): AgentContext['fetch'] =>
  (url, { timeoutMs = TIMEOUT_MS, maxBytes = MAX_REFERENCED_BYTES, ...init } = {}) =>
    guardedFetch(url, init, { allowPrivate, timeoutMs, maxBytes, signal })
