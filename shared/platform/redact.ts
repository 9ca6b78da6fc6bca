import { CONFIG, loadConfig } from './config.ts'
import { KEY_FORMS } from './key-forms.ts'

/** What stands in place of a text that is not to be kept. */
export const REDACTED = '[redacted]'

/** Longest text that is looked through; what is longer is cut. */
const MAX_LENGTH = 16_384

/** Forms tell how a key begins: whatever stands in one piece with it goes too, and all of a private key. */
const wholeKey = ({ source, flags }: RegExp): RegExp =>
  new RegExp(
    source.startsWith('-----BEGIN') ? `(?:${source})[^]{0,8192}` : `(?:${source})[A-Za-z0-9._~+/=-]{0,4096}`,
    `${flags}g`,
  )

const KEYS = KEY_FORMS.map(wholeKey)

/** Takes out of a text what has the form of a key, and what the patterns fit. */
export function redactor(patterns: readonly string[]): (text: string) => string {
  const all = [...KEYS, ...patterns.map((pattern) => new RegExp(pattern, 'gu'))]
  return (text) => {
    const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text
    return all.reduce((rest, pattern) => rest.replace(pattern, REDACTED), shown)
  }
}

/** With the patterns of the stage, as its environment says. */
export const stageRedactor = (): ((text: string) => string) => {
  const { REDACT_PATTERNS: patterns } = loadConfig(CONFIG.redaction)
  return redactor(patterns)
}
