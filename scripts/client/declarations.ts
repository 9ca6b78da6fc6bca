import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { run } from '../run.ts'
import { protocolDeclarations } from './protocol-types.ts'

const PROTOCOL_IMPORT = /^((?:im|ex)port type) \{([^}]*)\} from '#shared\/protocol\/[^']+';?$/gm
const RELATIVE = /from '\.\/([\w-]+)\.ts'/g

/** Settings of the compiler for the declarations of two entries and of what they refer to. */
const settings = (outDir: string): unknown => ({
  extends: resolve('tsconfig.json'),
  compilerOptions: {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: resolve('.'),
    outDir,
    typeRoots: [resolve('node_modules/@types')],
  },
  include: [],
  files: [resolve('web/client/index.ts'), resolve('web/client/react.ts')],
})

/** Writes the declarations of the client to a folder: they stand for themselves, without zod and without the rest of the repository. */
export async function writeDeclarations(folder: string): Promise<void> {
  const place = mkdtempSync(join(resolve('dist'), 'declarations-'))
  try {
    const config = join(place, 'tsconfig.json')
    writeFileSync(config, JSON.stringify(settings(place)))
    const { code, output } = await run('tsc', ['-p', config], { limitSeconds: 60 })
    if (code !== 0) throw new Error(`the declarations of the client cannot be written:\n${output}`)
    copyReachable(join(place, 'web/client'), folder)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** Copies what the entries refer to, with the types of the protocol in one file beside them. */
function copyReachable(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  const names = new Set<string>()
  const waiting = ['index', 'react']
  const seen = new Set(waiting)
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const text = readFileSync(join(from, `${file}.d.ts`), 'utf8')
    for (const [, , imported = ''] of text.matchAll(PROTOCOL_IMPORT)) {
      for (const name of imported.split(',')) names.add(name.trim())
    }
    for (const [, next = ''] of text.matchAll(RELATIVE)) {
      if (!seen.has(next)) waiting.push(next)
      seen.add(next)
    }
    const published = text.replace(PROTOCOL_IMPORT, "$1 {$2} from './protocol.js'").replace(RELATIVE, "from './$1.js'")
    writeFileSync(join(to, basename(`${file}.d.ts`)), published)
  }
  writeFileSync(join(to, 'protocol.d.ts'), protocolDeclarations(names))
}
