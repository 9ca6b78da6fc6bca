/**
 * Texts that are keys, by their form alone. Every repetition is bounded, so a long text costs its length once. Sources: the secret scanning
 * patterns of GitHub and the key formats that the services document.
 */
export const KEY_FORMS: readonly RegExp[] = [
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
