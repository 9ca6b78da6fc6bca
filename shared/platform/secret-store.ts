/** Reads secrets by name. Values never leave the process that needs them. */
export type SecretStore = {
  /**
   * @returns the secret's text
   * @throws SecretNotFoundError when there is none, or it is empty
   */
  read(name: string): Promise<string>
}
