import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Metafile } from 'esbuild'
import { PROJECT_ROOT } from '../../localstack/paths.ts'
import { reachable } from '../../scripts/reachable.ts'
import { percentile, rounded } from '../delays/statistics.ts'

const ENTRY = 'dist/functions/execute/handler.mjs'
/** esbuild's report, written by `infra/bundling`. */
const METAFILE = 'dist/meta/functions.json'
/** The adapters, by the names of their files: the port's own stands for none. */
const ADAPTER = /^shared\/llm\/([a-z]+)-llm-provider\.ts$/
const RATIO_TO = 'openai'
const TIME_THE_IMPORT =
  'const began = performance.now(); await import(process.argv[1]); console.log(performance.now() - began); process.exit()'

const run = promisify(execFile)

export type MeasuredProvider = {
  provider: string
  /** What is loaded besides what `execute` has at its start. */
  bytes: number
  /** Median over fresh processes, which have nothing of it loaded. */
  importMs: number
  slowestMs: number
  /** Median by comparison with OpenAI's. */
  toOpenai: number
}

/**
 * Measures the chunks of the last bundling.
 *
 * @param root - where `dist` is
 * @throws Error when `execute` loads an adapter otherwise than on demand
 */
export async function measureProviders(
  runs: number,
  root = PROJECT_ROOT,
): Promise<{ startBytes: number; providers: MeasuredProvider[] }> {
  const { outputs }: Metafile = JSON.parse(await readFile(join(root, METAFILE), 'utf8'))
  const chunks = chunksOfAdapters(outputs)
  const times = await importTimes(root, [...chunks.values()], runs)
  const medianOf = (chunk: string | undefined): number => percentile(times.get(chunk ?? '') ?? [], 50)
  const reference = medianOf(chunks.get(RATIO_TO))

  return {
    startBytes: reachable(outputs, ENTRY).eager,
    providers: [...chunks].map(([provider, chunk]) => ({
      provider,
      bytes: addedBytes(outputs, chunk),
      importMs: rounded(medianOf(chunk)),
      slowestMs: rounded(Math.max(...(times.get(chunk) ?? []))),
      toOpenai: Math.round((medianOf(chunk) / reference) * 100) / 100,
    })),
  }
}

/** An `import()` makes a chunk whose entry is the file that was asked for. */
function chunksOfAdapters(outputs: Metafile['outputs']): Map<string, string> {
  const found = Object.entries(outputs).flatMap(([chunk, { entryPoint = '' }]): [string, string][] => {
    const provider = ADAPTER.exec(entryPoint)?.[1]
    return provider ? [[provider, chunk]] : []
  })
  if (!found.some(([provider]) => provider === RATIO_TO)) throw new Error('no provider is loaded on demand')
  return new Map(found.toSorted(([one], [other]) => one.localeCompare(other)))
}

/** What an entry that loads both has over `execute` alone: chunks that they share are counted once. */
function addedBytes(outputs: Metafile['outputs'], chunk: string): number {
  const imports = [ENTRY, chunk].map((path) => ({ path, kind: 'import-statement' as const }))
  const both = { bytes: 0, inputs: {}, exports: [], imports }
  return reachable({ ...outputs, both }, 'both').eager - reachable(outputs, ENTRY).eager
}

/** Imports all chunks in turns, so that a busy moment of the machine falls on all of them. */
async function importTimes(root: string, chunks: string[], runs: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(chunks.map((chunk) => [chunk, []]))
  for (let done = 0; done < runs; done++) {
    for (const chunk of chunks) {
      const args = ['--input-type=module', '--eval', TIME_THE_IMPORT, join(root, chunk)]
      const { stdout } = await run(process.execPath, args, { timeout: 30_000 })
      times.get(chunk)?.push(Number(stdout))
    }
  }
  return times
}
