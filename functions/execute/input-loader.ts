import type { RunDependencies } from '#shared/executions/run.ts'
import { lazy } from '#shared/platform/lazy.ts'

type LoadInput = NonNullable<RunDependencies['loadInput']>

/** Reads inputs that were too large to travel. What that takes is loaded with the first one: most executions do without. */
export function inputLoader(bucket: string): LoadInput {
  const load = lazy(() => loader(bucket))
  return async (record) => (await load())(record)
}

async function loader(bucket: string): Promise<LoadInput> {
  const [{ artifactInput }, { s3ArtifactStore }] = await Promise.all([
    import('#shared/messaging/artifact-input.ts'),
    import('#shared/messaging/s3-artifact-store.ts'),
  ])
  return artifactInput(s3ArtifactStore(bucket))
}
