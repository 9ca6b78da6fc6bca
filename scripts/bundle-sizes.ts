/**
 * Prints what each function loads at its start and what it loads on demand, and what the browser client weighs, against the budgets in
 * `bundle-budgets.json`. Functions are measured in bytes as deployed, the client minified and compressed. Needs a synth before it.
 */
import { readFileSync } from 'node:fs'
import type { Metafile } from 'esbuild'
import budgets from './bundle-budgets.json' with { type: 'json' }
import { clientSizes } from './client/bundle.ts'
import { reachable } from './reachable.ts'

type Row = { what: string; bytes: number; lazy: number; budget: number | undefined }

/** esbuild's report, written by `infra/bundling`. */
const METAFILE = 'dist/meta/functions.json'

function functionRows(): Row[] {
  const { outputs }: Metafile = JSON.parse(readFileSync(METAFILE, 'utf8'))
  const budgetOf: Record<string, number> = budgets.functions
  const entries = Object.keys(outputs).filter((file) => file.endsWith('/handler.mjs'))
  const names = entries.map((file) => file.split('/').at(-2) ?? file)
  for (const name of Object.keys(budgetOf))
    if (!names.includes(name)) throw new Error(`there is a budget for "${name}", but no such function`)

  return entries.map((entry, index) => {
    const what = names[index] ?? entry
    const { eager, lazy } = reachable(outputs, entry)
    return { what, bytes: eager, lazy, budget: budgetOf[what] }
  })
}

async function webClientRow(): Promise<Row> {
  const { eager, lazy } = await clientSizes('index')
  return { what: 'web/client (gzip)', bytes: eager, lazy, budget: budgets.webClient }
}

const number = (value: number | undefined): string => (value === undefined ? '–' : value.toLocaleString('en')).padStart(12)

const rows = [...functionRows(), await webClientRow()]
console.log(`${'bytes'.padEnd(20)}${'at start'.padStart(12)}${'on demand'.padStart(12)}${'budget'.padStart(12)}`)
for (const { what, bytes, lazy, budget } of rows) {
  const over = budget !== undefined && bytes > budget
  console.log(`${what.padEnd(20)}${number(bytes)}${number(lazy)}${number(budget)}${over ? '  over budget' : ''}`)
  if (over) process.exitCode = 1
}
