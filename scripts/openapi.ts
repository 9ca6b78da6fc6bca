/**
 * Prints the HTTP API as OpenAPI 3.1; with `--write` it writes the file that `GET /v1/openapi.json` answers with, and `docs/api-operations.md`. A test
 * fails when they are not up to date.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openApi } from './openapi/document.ts'
import { operationsPage } from './openapi/operations-page.ts'

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const text = `${JSON.stringify(openApi(), null, 1)}\n`

const root = join(import.meta.dirname, '..')

if (values.write) {
  writeFileSync(join(root, 'functions/http/openapi.json'), text)
  writeFileSync(join(root, 'docs/api-operations.md'), operationsPage())
} else process.stdout.write(text)
