/**
 * Prints the HTTP API as OpenAPI 3.1; with `--write` it writes the file that `GET /v1/openapi.json` answers with. A test fails when that one is
 * not up to date.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openApi } from './openapi/document.ts'

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } })
const text = `${JSON.stringify(openApi(), null, 1)}\n`

if (values.write) writeFileSync(join(import.meta.dirname, '../functions/http/openapi.json'), text)
else process.stdout.write(text)
