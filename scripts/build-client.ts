/** Builds what is published as `sluice/client`: modules and declarations, in `dist/client` unless another folder is named. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bundleClient } from './client/bundle.ts'
import { writeDeclarations } from './client/declarations.ts'

const [folder = 'dist/client'] = process.argv.slice(2)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
const { outputFiles } = await bundleClient()
for (const { path, contents } of outputFiles) writeFileSync(join(folder, basename(path)), contents)
await writeDeclarations(folder)
console.log(`${folder}: ${outputFiles.map(({ path }) => basename(path)).join(', ')}`)
