/** Where exported days are kept. Nothing that was put is lost: another text under the same key is another version. */
export type ExportFiles = {
  /** For whoever looks for the files. */
  bucket: string
  /** @throws SluiceError `unavailable` when it was not stored */
  put(key: string, bytes: Uint8Array, type: 'application/gzip' | 'application/json'): Promise<void>
}
