/** What the console shows of a token; the server alone decides whether it is valid. */
export interface AccessToken {
  token: string
  subject: string
  /** Empty where the claim has another name, as those of an identity provider do. */
  tenant: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** Reads the claims of a JWT; undefined when it is not one. */
export function readAccessToken(token: string): AccessToken | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64(token.split('.')[1] ?? '')), (character) => character.charCodeAt(0))
    const { sub, tenant, exp } = JSON.parse(new TextDecoder().decode(bytes))
    if (typeof sub !== 'string' || typeof exp !== 'number') return undefined
    return { token, subject: sub, tenant: typeof tenant === 'string' ? tenant : '', expiresAt: exp * 1_000 }
  } catch {
    return undefined
  }
}

function base64(base64url: string): string {
  return base64url.replaceAll('-', '+').replaceAll('_', '/')
}
