import type { Metafile } from 'esbuild'

/** Bytes that an entry loads: `eager` with it, by static imports, and `lazy` only when an `import()` asks for them. */
export function reachable(outputs: Metafile['outputs'], entry: string): { eager: number; lazy: number } {
  const eager = follow(outputs, entry, (kind) => kind !== 'dynamic-import')
  const all = follow(outputs, entry, () => true)
  const bytesOf = (files: Set<string>) => [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0)
  return { eager: bytesOf(eager), lazy: bytesOf(all) - bytesOf(eager) }
}

function follow(outputs: Metafile['outputs'], entry: string, wanted: (kind: string) => boolean): Set<string> {
  const seen = new Set<string>()
  const waiting = [entry]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    for (const { path, kind, external } of outputs[file]?.imports ?? []) if (!external && wanted(kind)) waiting.push(path)
  }
  return seen
}
