import { readFileSync } from 'node:fs'

/** A body of `test/fixtures/llm`, as bytes; of a `.hex` file the bytes it spells, white space and lines that begin with `#` left out. */
export function fixture(name: string): Uint8Array {
  const bytes = readFileSync(new URL(`../fixtures/llm/${name}`, import.meta.url))
  if (!name.endsWith('.hex')) return bytes
  return Buffer.from(bytes.toString('latin1').replaceAll(/^#.*$|\s/gm, ''), 'hex')
}
