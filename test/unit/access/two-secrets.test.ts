import { describe, expect, it } from 'vitest'
import { authenticate } from '#shared/access/authenticate.ts'
import { memoryAccess } from '#shared/access/memory-access.ts'
import { mintToken } from '#shared/access/token.ts'
import type { SecretVersions } from '#shared/platform/secret-store.ts'

const NOW = Date.parse('2026-11-21T09:30:00Z')
const [OLD, CURRENT, NEXT] = ['old', 'current', 'next'].map((name) => name.padEnd(40, '-')) as [string, string, string]
const FORGED = 'a-secret-that-nobody-gave-to-anybody-at-all'

/** A warm function whose cache is as old as it is told, over a Secrets Manager that counts. */
function warmFunction(first: SecretVersions) {
  const time = { now: NOW }
  const clock = { now: () => time.now }
  let stored = first
  let cached: { at: number; versions: SecretVersions } | undefined
  const calls: number[] = []
  const readVersions = async (_name: string, { maxAgeSeconds = 60 } = {}) => {
    if (!cached || time.now - cached.at >= maxAgeSeconds * 1_000) {
      calls.push(time.now)
      cached = { at: time.now, versions: stored }
    }
    return cached.versions
  }
  const access = { ...memoryAccess(CURRENT, clock), secrets: { read: async () => stored[0], readVersions } }
  return {
    calls,
    rotate: (...versions: SecretVersions) => {
      stored = versions
    },
    later: (milliseconds: number) => {
      time.now += milliseconds
    },
    async show(secret: string) {
      const token = await mintToken({ subject: 'ada', tenant: 'acme', scopes: ['*'], expiresInSeconds: 600 }, secret, clock)
      return authenticate({ authorization: `Bearer ${token}` }, access).then(
        ({ subject }) => subject,
        (error) => error.code,
      )
    },
  }
}

describe('a token', () => {
  it('is good with the current secret and the one before it, and no other', async () => {
    const { show } = warmFunction([CURRENT, OLD])

    expect(await show(CURRENT)).toBe('ada')
    expect(await show(OLD)).toBe('ada')
    expect(await show(FORGED)).toBe('unauthorized')
  })

  it('of a new secret is good at once in a function that remembers the old one', async () => {
    const { show, rotate, later } = warmFunction([CURRENT, OLD])
    await show(CURRENT)
    later(6_000)
    rotate(NEXT, CURRENT)

    expect(await show(NEXT)).toBe('ada')
    expect(await show(CURRENT)).toBe('ada')
    expect(await show(OLD)).toBe('unauthorized')
  })

  it('is never verified with a secret too short to be one', async () => {
    const { show } = warmFunction([CURRENT, 'short'])

    expect(await show(CURRENT)).toBe('ada')
    expect(await show(FORGED)).toBe('unauthorized')
  })

  it('that is forged asks for the secret every five seconds at the most', async () => {
    const { show, calls, later } = warmFunction([CURRENT])
    for (let index = 0; index < 40; index += 1) {
      expect(['unauthorized', 'rate_limit']).toContain(await show(FORGED))
      later(250)
    }

    expect(calls).toEqual([NOW, NOW + 5_000])
  })
})
