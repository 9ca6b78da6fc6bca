import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const DOCUMENTS = join(import.meta.dirname, '../fixtures/documents')

const ORCHESTRATOR = '003_7af755b2a1639b05.txt'
const REMOTE_AGENTS = '004_273b69cb85cb1882.txt'

/**
 * A request body as a source document prints it behind the request's line. `[...]` stands for a list that the reader fills in, and is no JSON: an
 * empty list takes its place.
 */
function bodyBehind(document: string, line: string): Record<string, unknown> {
  const text = readFileSync(join(DOCUMENTS, document), 'utf8')
  const start = text.indexOf('{', text.indexOf(`${line}\n`) + line.length)
  const end = text.indexOf('```', start)
  return JSON.parse(text.slice(start, end).replaceAll('[...]', '[]')) as Record<string, unknown>
}

export const printedRegistration = () => bodyBehind(ORCHESTRATOR, 'POST /orchestrator/register')
export const printedExecuteTask = () => bodyBehind(ORCHESTRATOR, 'POST /orchestrator/execute-task')

/** What the document's `curl` sends to `/tasks/submit`, as it stands in its quotes. */
export function printedSubmission(): string {
  const text = readFileSync(join(DOCUMENTS, REMOTE_AGENTS), 'utf8')
  const [, body] = /curl -X POST http:\/\/localhost:8080\/tasks\/submit[^']*-d '([^']+)'/.exec(text) ?? []
  if (body === undefined) throw new Error('the document prints no such request')
  return body
}

/** Every path of the orchestrator that its document lists, as `METHOD /path`. */
export function printedOrchestratorRoutes(): string[] {
  const text = readFileSync(join(DOCUMENTS, ORCHESTRATOR), 'utf8')
  return [...text.matchAll(/^- `((?:GET|POST) \/[^`]+)`/gm)].map(([, printed = '']) => printed)
}
