/** A secret as it is listed; nothing of its content. */
export interface ListedKeys {
  service: string
  name: string
  /** Undefined when the secret is malformed. */
  keys: number | undefined
  /** Of its keys, by which they are told apart and removed; none of a malformed secret. */
  fingerprints: readonly string[]
  /** Versions that are in use while a secret is replaced: 1 or 2. */
  versions: number
  /** RFC 3339. */
  lastChanged: string | undefined
}

/** Where the keys of a stage's services are, for its owner: everything happens with his own AWS credentials. */
export interface KeyVault {
  /** Prefix of the names of secrets. */
  platform: string
  /** @returns undefined when there is no such secret, or it is empty */
  read(service: string): Promise<string | undefined>
  /** Creates the secret or gives it a new version; the one before stays readable. */
  write(service: string, value: string): Promise<void>
  /** Gives the secret a new version and takes the one before out of use: what is not in the new one is used no more. */
  retract(service: string, value: string): Promise<void>
  /** Deletes the secret with all its versions, for good. */
  remove(service: string): Promise<void>
  list(): Promise<ListedKeys[]>
  close(): void
}
