/** Writes `docs/protocol`: JSON Schemas and AsyncAPI, from the zod schemas that handlers and clients use. What is not of it any more goes. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { protocolDocuments } from './protocol/documents.ts'

const FOLDER = join(import.meta.dirname, '../docs/protocol')

mkdirSync(FOLDER, { recursive: true })
const documents = protocolDocuments()
for (const name of readdirSync(FOLDER)) if (!documents.has(name)) rmSync(join(FOLDER, name))
for (const [name, text] of documents) writeFileSync(join(FOLDER, name), text)
console.log(`docs/protocol: ${documents.size} files`)
