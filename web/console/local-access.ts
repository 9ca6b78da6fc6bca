import type { Health } from '#shared/protocol/health.ts'
import type { LocalSignIn } from '#shared/protocol/local-sign-in.ts'
import type { Problem } from '#shared/protocol/problem.ts'
import { LOCAL_SIGN_IN_PATH } from '#shared/protocol/routes.ts'

/** Longest wait for an answer of this machine, in milliseconds. */
const DEADLINE_MS = 5_000

const signal = (): AbortSignal => AbortSignal.timeout(DEADLINE_MS)

/** Whether this origin signs developers in: that of `npm start` does, and no deployed one. */
export async function canSignInLocally(): Promise<boolean> {
  const answer = await fetchJson<{ signIn?: boolean }>(LOCAL_SIGN_IN_PATH)
  return answer?.signIn === true
}

/** Whether the API lets in whoever asks. */
export async function isAuthenticationOff(): Promise<boolean> {
  return (await fetchJson<Pick<Health, 'auth'>>('/health'))?.auth === 'off'
}

/** An access token, or why there is none. */
export async function signInLocally(body: LocalSignIn): Promise<{ token: string } | { reason: string }> {
  try {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(LOCAL_SIGN_IN_PATH, { method: 'POST', headers, body: JSON.stringify(body), signal: signal() })
    if (response.ok) return (await response.json()) as { token: string }
    const { detail, errors } = (await response.json()) as Problem
    return { reason: errors?.map(({ path, message }) => `${path}: ${message}`).join('; ') ?? detail }
  } catch {
    return { reason: 'The local cloud does not answer. Is npm start still running?' }
  }
}

/** Undefined when there is no such answer: a console that is only files answers every path with its page. */
async function fetchJson<Answer>(path: string): Promise<Answer | undefined> {
  try {
    const response = await fetch(path, { headers: { accept: 'application/json' }, signal: signal() })
    return response.ok ? ((await response.json()) as Answer) : undefined
  } catch {
    return undefined
  }
}
