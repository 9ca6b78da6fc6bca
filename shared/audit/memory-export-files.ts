import type { ExportFiles } from './export-files.ts'

/** Files of one process, for tests. */
export function memoryExportFiles(): ExportFiles & { files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>()
  return {
    bucket: 'audit',
    files,
    async put(key, bytes) {
      files.set(key, bytes)
    },
  }
}
