import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { sha256 } from '#shared/platform/sha256.ts'

/** By this prefix secret scanners, and {@link authenticate}, tell a key from everything else. */
export const API_KEY_PREFIX = 'slk_'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const ID_LENGTH = 16
/** 43 of 62 characters are 256 bits. */
const SECRET_LENGTH = 43
/** 62^6 is more than 2^32. */
const CHECKSUM_LENGTH = 6
const API_KEY = new RegExp(
  `^${API_KEY_PREFIX}([0-9A-Za-z]{${ID_LENGTH}})([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
)

/**
 * A new key. The checksum tells a key from a text that only looks like one without asking anybody, as GitHub's tokens do.
 *
 * @see https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
 */
export function newApiKeyText(): { keyId: string; text: string } {
  const keyId = randomText(ID_LENGTH)
  const secret = randomText(SECRET_LENGTH)
  return { keyId, text: `${API_KEY_PREFIX}${keyId}${secret}${checksumOf(keyId + secret)}` }
}

/** Whether the text can be a key: its form, and its checksum. Says nothing about whether there is such a key. */
export function isApiKeyText(text: string): boolean {
  const [, keyId = '', secret = '', checksum] = API_KEY.exec(text) ?? []
  return checksum !== undefined && checksum === checksumOf(keyId + secret)
}

/** All that is kept of a key. Its 256 random bits need no slow hash: there is nothing to guess. */
export const hashOfApiKey = (text: string): string => sha256(text)

/** Each character is as likely as any other. */
const randomText = (length: number): string => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')

function checksumOf(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let index = 0; index < CHECKSUM_LENGTH; index += 1) {
    digits = `${ALPHABET[rest % ALPHABET.length]}${digits}`
    rest = Math.floor(rest / ALPHABET.length)
  }
  return digits
}
