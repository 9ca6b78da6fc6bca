import { expect, it } from 'vitest'
import { sha256 } from '#shared/platform/sha256.ts'

/** FIPS 180-2, appendix B.1. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

it('hashes texts and bytes', () => {
  expect(sha256('abc')).toBe(ABC)
  expect(sha256(Buffer.from('abc'))).toBe(ABC)
})

it('writes hashes as it is asked to', () => {
  expect(sha256('abc', 'base64')).toBe(Buffer.from(ABC, 'hex').toString('base64'))
  expect(sha256('abc', 'base64url')).toBe(Buffer.from(ABC, 'hex').toString('base64url'))
})
