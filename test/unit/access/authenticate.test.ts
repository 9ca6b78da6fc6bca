import { describe, expect, it } from 'vitest'
import { authenticate } from '#shared/access/authenticate.ts'
import { memoryAccess } from '#shared/access/memory-access.ts'
import { requireScope } from '#shared/access/require-scope.ts'
import { issueTicket } from '#shared/access/tickets.ts'
import { mintToken } from '#shared/access/token.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { memorySecretStore } from '#shared/platform/memory-secret-store.ts'

const SECRET = 'a-secret-of-at-least-thirty-two-characters'
const NOW = Date.parse('2026-11-21T09:30:00Z')
const ada: VerifiedPrincipal = { subject: 'ada', tenant: 'acme', scopes: ['agents:read'], expiresAt: NOW + 300_000 }

function access(secrets: Record<string, string> = { 'token-key': SECRET }) {
  const time = { now: NOW }
  const clock = { now: () => time.now }
  return { ...memoryAccess(SECRET, clock), time, secrets: memorySecretStore(secrets) }
}

const bearer = async (clock: { now(): number }) => `Bearer ${await mintToken({ ...ada, expiresInSeconds: 295 }, SECRET, clock)}`

describe('authenticate', () => {
  it('accepts a token, whatever the case of the scheme', async () => {
    const dependencies = access()
    const authorization = await bearer(dependencies.clock)

    await expect(authenticate({ authorization }, dependencies)).resolves.toMatchObject(ada)
    await expect(authenticate({ authorization: authorization.replace('Bearer', 'bearer') }, dependencies)).resolves.toMatchObject(
      ada,
    )
  })

  it('accepts a ticket once', async () => {
    const dependencies = access()
    const { ticket } = await issueTicket(ada, dependencies)

    await expect(authenticate({ ticket }, dependencies)).resolves.toMatchObject(ada)
    await expect(authenticate({ ticket }, dependencies)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('binds a ticket to a use, for which it is good again', async () => {
    const dependencies = access()
    const { ticket } = await issueTicket(ada, dependencies)
    const show = (use?: string) => authenticate({ ticket }, dependencies, { use })

    await expect(show('execution:e1')).resolves.toMatchObject(ada)
    await expect(show('execution:e1')).resolves.toMatchObject(ada)
    await expect(show('execution:e2')).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(show()).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('refuses a ticket after a minute', async () => {
    const dependencies = access()
    const { ticket, expiresAt } = await issueTicket(ada, dependencies)
    dependencies.time.now += 60_000

    expect(expiresAt).toBe('2026-11-21T09:31:00.000Z')
    await expect(authenticate({ ticket }, dependencies)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('refuses a ticket whose token has expired', async () => {
    const dependencies = access()
    const { ticket, expiresAt } = await issueTicket({ ...ada, expiresAt: NOW + 10_000 }, dependencies)
    dependencies.time.now += 10_000

    expect(expiresAt).toBe('2026-11-21T09:30:10.000Z')
    await expect(authenticate({ ticket }, dependencies)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  it('does not let a ticket make up for a bad header', async () => {
    const dependencies = access()
    const { ticket } = await issueTicket(ada, dependencies)

    await expect(authenticate({ authorization: 'Bearer nonsense', ticket }, dependencies)).rejects.toMatchObject({
      code: 'unauthorized',
    })
    await expect(authenticate({ ticket }, dependencies)).resolves.toMatchObject(ada)
  })

  it.each([
    ['nothing', {}],
    ['an empty header', { authorization: '' }],
    ['another scheme', { authorization: 'Basic YWRhOmFkYQ==' }],
    ['a bearer without token', { authorization: 'Bearer ' }],
    ['an empty ticket', { ticket: '' }],
    ['an unknown ticket', { ticket: 'A'.repeat(43) }],
    ['a ticket that is no ticket', { ticket: '../TICKET#' }],
  ])('refuses %s', async (_what, credentials) => {
    await expect(authenticate(credentials, access())).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })

  it.each([
    ['missing', {}],
    ['empty', { 'token-key': '' }],
    ['short', { 'token-key': 'short' }],
  ])('lets nobody in, and names no secret, when the secret is %s', async (_what, secrets) => {
    const dependencies = access(secrets)
    const error = await authenticate({ authorization: await bearer(dependencies.clock) }, dependencies).catch((thrown) => thrown)

    expect(error).toMatchObject({ name: 'ConfigError', status: 500, expose: false })
    expect(error.message).not.toContain('token-key')
  })

  it('says when the secret cannot be read now, without its name', async () => {
    const dependencies = access()
    const outage = () => Promise.reject(new SluiceError('unavailable', 'the secret "token-key" cannot be read now'))
    const secrets = { read: outage, readVersions: outage }
    const authorization = await bearer(dependencies.clock)

    await expect(authenticate({ authorization }, { ...dependencies, secrets })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'access tokens cannot be verified now',
    })
  })
})

describe('requireScope', () => {
  it('passes who has the scope and refuses who has not', () => {
    expect(() => requireScope(ada, 'agents:read')).not.toThrow()
    expect(() => requireScope(ada, 'agents:write')).toThrow(expect.objectContaining({ code: 'forbidden' }))
  })
})
