import { ValidationError } from '#shared/platform/errors.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import type { Agent } from '#shared/protocol/agent.ts'

/** Entity tags (RFC 9110, 8.8.3) in a header, weak ones too; or `*`, which is any of them. */
export const ENTITY_TAGS = /^\s*(?:\*|(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*)\s*$/
const TAG = /(W\/)?"([\x21\x23-\x7e]*)"/g

const DIGEST_LENGTH = 12

/**
 * Tag of a resource: the version of what people decide about it, and a digest of the whole, which changes with its state too. Caches compare all
 * of it, writers the version alone.
 */
export function entityTag(version: number, resource: unknown): string {
  const digest = sha256(JSON.stringify(resource), 'base64url')
  return `"${version}.${digest.slice(0, DIGEST_LENGTH)}"`
}

/** Tag of an agent. */
export const agentTag = (agent: Agent): string => entityTag(agent.version, agent)

/** Whether `If-None-Match` names the tag; it compares weakly (RFC 9110, 13.1.2). */
export function hasTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || readTags(header, 'If-None-Match').some(({ value }) => `"${value}"` === tag)
}

/**
 * What `If-Match` asks of a version: to be that of one of its strong tags, `"3"` or `"3.…"`. A weak tag matches nothing (RFC 9110, 13.1.1).
 *
 * @returns undefined where every version will do
 * @throws ValidationError when it holds no tags
 */
export function versionCondition(header: string | undefined): ((version: number) => boolean) | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const versions = readTags(header, 'If-Match').flatMap(({ value, isWeak }) => (isWeak ? [] : [value.split('.', 1)[0]]))
  return (version) => versions.includes(String(version))
}

function readTags(header: string, name: string): { value: string; isWeak: boolean }[] {
  if (!ENTITY_TAGS.test(header)) throw new ValidationError(`the header "${name}" holds no entity tags: use one such as "3"`)
  return [...header.matchAll(TAG)].map(([, weak, value = '']) => ({ value, isWeak: weak !== undefined }))
}
