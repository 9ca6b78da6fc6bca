/** Ids as we know them. What else stands in a path may be anything. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/
/** How credentials begin: JSON web tokens, and keys of the services that people use most. */
const CREDENTIAL = /^(eyJ|sk[-_]|pk[-_]|rk[-_]|slk[-_]|gh[opsu]_|github_pat|xox[a-z]-|AKIA|ASIA|AIza|glpat|hf_|whsec)/i
/** A text that no person and no id of ours looks like: long, without a mark between, of letters and digits in both cases. */
const RANDOM = /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9_+/=]{32,}$/

const MAX_LENGTH = 512

/** A path as it may be kept for years: no query, and nothing in it that could be a credential. */
export function auditedPath(path: string): string {
  const [withoutQuery = ''] = path.split(/[?#]/)
  const segments = withoutQuery.split('/').map((segment) => (segment === '' || isHarmless(segment) ? segment : '…'))
  return segments.join('/').slice(0, MAX_LENGTH)
}

const isHarmless = (segment: string): boolean => ID.test(segment) && !CREDENTIAL.test(segment) && !RANDOM.test(segment)
