import type { ArtifactStore } from '#shared/messaging/artifact-store.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { sha256 } from '#shared/platform/sha256.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import type { AgentArtifacts } from './agent-context.ts'

/** Objects of one agent of one tenant. Names may be anything, for instance a URL: the key has their hash. */
export function agentArtifacts(
  artifacts: ArtifactStore,
  { tenant, agentId }: { tenant: string; agentId: string },
): AgentArtifacts {
  const keyOf = (name: string): string => `T/${tenant}/agents/${agentId}/${sha256(name)}.json`
  return {
    async save(name, data) {
      const text = JSON.stringify({ name, data })
      if (Buffer.byteLength(text) > MAX_REFERENCED_BYTES) {
        throw new SluiceError('payload_too_large', `the artifact "${name}" is larger than ${MAX_REFERENCED_BYTES} bytes`)
      }
      await artifacts.replace(keyOf(name), text)
    },
    async load(name) {
      const text = await artifacts.get(keyOf(name))
      return text === undefined ? undefined : (JSON.parse(text) as { data: unknown }).data
    },
  }
}
