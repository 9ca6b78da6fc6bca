import { type AccessToken, readAccessToken } from './access-token.ts'

const KEY = 'sluice.token'
/** Whose questions the tab keeps. */
const OWNER = 'sluice.owner'

export type SignIn = { outcome: 'signed-in'; token: AccessToken } | { outcome: 'refused'; reason: string }

/**
 * Takes a token out of `#token=…`. It leaves the address bar at once, so that it is in no history, bookmark or copied link.
 */
export function takeTokenFromAddress(): string | undefined {
  if (!location.hash.startsWith('#token=')) return undefined
  const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? ''
  history.replaceState(null, '', `${location.pathname}${location.search}#/agents`)
  return token
}

/** Keeps a token for this tab. What the tab kept for somebody else is forgotten. */
export function signIn(token: string): SignIn {
  const parsed = readAccessToken(token.trim())
  if (!parsed) return { outcome: 'refused', reason: 'This is not a Sluice token. Copy it whole: three parts joined by dots.' }
  if (parsed.expiresAt <= Date.now()) return { outcome: 'refused', reason: 'This token has expired. Get a new one.' }
  const owner = JSON.stringify([parsed.tenant, parsed.subject])
  if (sessionStorage.getItem(OWNER) !== owner) sessionStorage.clear()
  sessionStorage.setItem(OWNER, owner)
  sessionStorage.setItem(KEY, parsed.token)
  return { outcome: 'signed-in', token: parsed }
}

/** The session of this tab, if it has one that may still be valid. */
export function currentSession(): SignIn | undefined {
  const token = sessionStorage.getItem(KEY)
  return token === null ? undefined : signIn(token)
}

/** Forgets a token that is no longer valid; who signs in again finds the questions as they were. */
export function dropToken(): void {
  sessionStorage.removeItem(KEY)
}

/** Forgets the token and everything else the tab keeps. */
export function signOut(): void {
  sessionStorage.clear()
}
