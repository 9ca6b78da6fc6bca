/** What is known of a secret without reading it. `empty`: it has no current value. `unreadable`: looking at it is not allowed, or failed. */
export type SecretState = {
  status: 'present' | 'missing' | 'empty' | 'unreadable'
  /** When its value or its settings changed last, RFC 3339. */
  lastChanged?: string | undefined
}

/** Looks at secrets from outside; values are never read. */
export type SecretStates = { describe(name: string): Promise<SecretState> }
