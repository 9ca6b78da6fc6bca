/** Loads with the first call, once: what is seldom needed costs nothing when a container starts. */
export function lazy<Thing>(load: () => Promise<Thing>): () => Promise<Thing> {
  let loading: Promise<Thing> | undefined
  return () => {
    loading ??= load()
    return loading
  }
}
