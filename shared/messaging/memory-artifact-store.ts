import type { ArtifactStore } from './artifact-store.ts'

/** Artifacts of one process, for tests. */
export function memoryArtifactStore(): ArtifactStore & { readonly objects: Map<string, string> } {
  const objects = new Map<string, string>()
  return {
    objects,
    async put(key, text) {
      if (!objects.has(key)) objects.set(key, text)
    },
    async replace(key, text) {
      objects.set(key, text)
    },
    async get(key) {
      return objects.get(key)
    },
  }
}
