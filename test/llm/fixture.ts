import { readFileSync } from 'node:fs'
import type { CellReply } from './provider-under-test.ts'

/** A body of `test/fixtures/llm`, as bytes; of a `.hex` file the bytes it spells, white space and lines that begin with `#` left out. */
export function fixture(name: string): Uint8Array {
  const bytes = readFileSync(new URL(`../fixtures/llm/${name}`, import.meta.url))
  if (!name.endsWith('.hex')) return bytes
  return Buffer.from(bytes.toString('latin1').replaceAll(/^#.*$|\s/gm, ''), 'hex')
}

/** A streamed answer, as server-sent events. */
export const eventStream = (name: string, headers: Record<string, string> = {}): CellReply => ({
  headers: { 'content-type': 'text/event-stream', ...headers },
  body: fixture(`${name}.txt`),
})

/** A refusal with a JSON body. */
export const refusedWith = (status: number, name: string, headers: Record<string, string> = {}): CellReply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: fixture(`${name}.json`),
})
