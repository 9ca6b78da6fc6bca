/**
 * Texts that are keys, by their form alone. Every repetition is bounded, so a long text costs its length once. Sources: the secret scanning
 * patterns of GitHub and the key formats that the services document.
 */
const FORMS: readonly RegExp[] = [
  // OpenAI, Anthropic, Stripe
  /(?<![A-Za-z0-9])sk[-_](?:ant|proj|svcacct|admin|or|live|test)[-_][A-Za-z0-9_-]{8}/,
  /(?<![A-Za-z0-9])sk-(?=[A-Za-z0-9_-]{0,48}\d)[A-Za-z0-9_-]{12}/,
  // AWS
  /(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/,
  // Google
  /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{30}/,
  // Slack
  /(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10}/,
  // GitHub, GitLab, Hugging Face
  /(?<![A-Za-z0-9])gh[opsru]_[A-Za-z0-9]{20}/,
  /(?<![A-Za-z0-9])(?:github_pat|glpat)[-_][A-Za-z0-9_-]{20}/,
  /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30}/,
  // JSON Web Tokens
  /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8}/,
  // PEM: everything but what is public
  /-----BEGIN (?!CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)[A-Z0-9 ]{1,40}-----/,
  // A header, or an address with a password in it
  /\b(?:Bearer|Basic|Token) (?=[A-Za-z0-9._~+/=-]{0,64}\d)[A-Za-z0-9._~+/=-]{16}/i,
  /:\/\/[^\s/:@]{1,128}:[^\s/:@]{1,128}@/,
]

/** Ends of names whose value is a key, in lower case and without punctuation. */
const KEY_NAMES =
  /(?:apikeys?|accesskey(?:id)?|secretkeys?|privatekeys?|signingkey|encryptionkey|tokens?|secrets?|authorization|credentials?)$/
const PASSWORD_NAMES = /(?:passwords?|passwd|passphrase|pwd)$/

/** Where a secret stands, instead of what it is: a name of ours, an ARN, or a place for a value. */
const REFERENCE =
  /^(?:[a-z0-9][a-z0-9_./-]{0,200}-(?:secret|key)|arn:aws[a-z-]*:[^\s]{1,2000}|\$\{[^}]{1,200}\}|\{\{[^}]{1,200}\}\}|\$[A-Z0-9_]{1,100})$/

/** Whether a text has the form of a key, or one in it. */
export const isKey = (text: string): boolean => FORMS.some((form) => form.test(text))

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
