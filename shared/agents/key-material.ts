import { KEY_FORMS } from '#shared/platform/key-forms.ts'

/** Ends of names whose value is a key, in lower case and without punctuation. */
const KEY_NAMES =
  /(?:apikeys?|accesskey(?:id)?|secretkeys?|privatekeys?|signingkey|encryptionkey|tokens?|secrets?|authorization|credentials?)$/
const PASSWORD_NAMES = /(?:passwords?|passwd|passphrase|pwd)$/

/** Where a secret stands, instead of what it is: a name of ours, an ARN, or a place for a value. */
const REFERENCE =
  /^(?:[a-z0-9][a-z0-9_./-]{0,200}-(?:secret|key)|arn:aws[a-z-]*:[^\s]{1,2000}|\$\{[^}]{1,200}\}|\{\{[^}]{1,200}\}\}|\$[A-Z0-9_]{1,100})$/

/** Whether a text has the form of a key, or one in it. */
export const isKey = (text: string): boolean => KEY_FORMS.some((form) => form.test(text))

/** What the name of a value says of it. */
export type NameKind = 'key' | 'password' | undefined

/** What a name says of the value under it. */
export function kindOfName(name: string): NameKind {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (PASSWORD_NAMES.test(plain)) return 'password'
  return KEY_NAMES.test(plain) ? 'key' : undefined
}

/** Whether a value under such a name is the thing itself. Under the name of a password it always is; under that of a key, a word or a sentence may be a note. */
export function isSecretUnder(kind: 'key' | 'password', text: string): boolean {
  if (text === '' || REFERENCE.test(text)) return false
  return kind === 'password' || isRandom(text)
}

/** Long, in one piece, and no word: with a digit, or with upper and lower case mixed. */
const isRandom = (text: string): boolean =>
  text.length >= 16 && !/\s/.test(text) && (/\d/.test(text) || /[a-z][A-Z]|[A-Z]{2}[a-z]/.test(text))
