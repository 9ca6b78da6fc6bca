import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose'

export type SigningKey = { kid: string; alg: string; privateKey: CryptoKey; publicKey: CryptoKey; jwk: JWK }

/** A pair of keys as a provider has them. */
export async function signingKeyPair(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** A public key as text, as anybody may have it. */
export const publicText = ({ publicKey }: SigningKey): Promise<string> => exportSPKI(publicKey)

/** An OpenID Connect provider on this machine: a discovery document, and keys that a test changes. */
export async function identityProvider(keys: SigningKey[]) {
  const requests: string[] = []
  let published = keys
  let answer: { status: number; body?: string } = { status: 200 }
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    const documents: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: provider.issuer, jwks_uri: `${provider.issuer}/keys` },
      '/keys': { keys: published.map(({ jwk }) => jwk) },
    }
    response.end(answer.body ?? JSON.stringify(documents[request.url ?? ''] ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const provider = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    publish: (...next: SigningKey[]) => {
      published = next
    },
    answerWith: (next: { status: number; body?: string }) => {
      answer = next
    },
    /** A token as it gives one, but for what a test forges. */
    sign: (
      { kid, alg, privateKey }: SigningKey,
      now: number,
      claims: Record<string, unknown> = {},
      header: Partial<JWTHeaderParameters> = {},
    ) =>
      new SignJWT({
        iss: provider.issuer,
        aud: 'sluice-api',
        sub: 'auth0|ada',
        jti: 'token-1',
        'https://example.com/tenant': 'acme',
        exp: now / 1_000 + 600,
        ...claims,
      })
        .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header })
        .sign(privateKey),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  return provider
}
