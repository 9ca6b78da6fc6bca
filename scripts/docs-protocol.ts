/** Writes the JSON Schemas and AsyncAPI of `docs/protocol` from the zod schemas that handlers and clients use. JSON that is not of it any more goes. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { protocolDocuments } from './protocol/documents.ts'

const FOLDER = join(import.meta.dirname, '../docs/protocol')

mkdirSync(FOLDER, { recursive: true })
const documents = protocolDocuments()
const outdated = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && !documents.has(name))
for (const name of outdated) rmSync(join(FOLDER, name))
for (const [name, text] of documents) writeFileSync(join(FOLDER, name), text)
console.log(`docs/protocol: ${documents.size} files`)
