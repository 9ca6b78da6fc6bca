/** Reads secrets by name. Values never leave the process that needs them. */
export type SecretStore = {
  /**
   * @returns the secret's text
   * @throws SecretNotFoundError when there is none, or it is empty
   */
  read(name: string): Promise<string>
  /**
   * The texts of a secret that may be in use while it is replaced: the current one first, then the one before it where there is one.
   *
   * @param options.maxAgeSeconds - how old an answer may be that was read before. @default 60
   * @throws SecretNotFoundError when there is no current one, or it is empty
   */
  readVersions(name: string, options?: { maxAgeSeconds?: number }): Promise<SecretVersions>
}

export type SecretVersions = readonly [current: string] | readonly [current: string, previous: string]
