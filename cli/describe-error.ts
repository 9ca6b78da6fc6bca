import type { ClientErrorCode, SluiceClientError } from '../web/client/index.ts'
import { CliError, Interruption } from './errors.ts'
import { EXIT_CODE } from './exit-code.ts'

/** What to do about the errors of the server and of the client. */
const ADVICE: Partial<Record<ClientErrorCode, string>> = {
  network_error:
    'start the local cloud with "npm start", or name another front door with --url; "npx sluice doctor" looks further',
  unauthorized: 'give a valid token with --token or SLUICE_TOKEN; "npx sluice token" makes one for the local cloud',
  forbidden: 'use a token that has this scope',
  not_found:
    'check the id: "npx sluice agents", "approvals", "budgets" and so on list what there is; what belongs to another tenant is not found either',
  rate_limit: 'try again later',
  queue_full: 'try again later',
  unavailable: 'try again; /ready of the front door names what does not answer',
  events_lost: 'streams are kept for a day; the execution itself keeps the answer',
  integrity_error: 'try again; report it if it stays',
}

export interface ErrorDescription {
  /** Undefined when there is nothing to say. */
  line: string | undefined
  exitCode: number
}

/** Any thrown value as one line, with its code and what to do. */
export async function describeError(error: unknown): Promise<ErrorDescription> {
  if (error instanceof Interruption) return { line: undefined, exitCode: error.exitCode }
  if (error instanceof CliError) return { line: errorLine(error.code, error.message, error.advice), exitCode: error.exitCode }
  const client = await import('../web/client/errors.ts')
  if (error instanceof client.SluiceClientError) return describeClientError(error)
  const message = error instanceof Error ? error.message : String(error)
  return { line: errorLine('internal', message, 'this is a fault of the program; please report it'), exitCode: EXIT_CODE.failed }
}

function describeClientError(error: SluiceClientError): ErrorDescription {
  if (error.code !== 'network_error')
    return { line: errorLine(error.code, error.message, ADVICE[error.code]), exitCode: EXIT_CODE.failed }
  const reason = rootReason(error)
  const message = reason === undefined ? error.message : `${error.message}: ${reason}`
  return { line: errorLine(error.code, message, ADVICE.network_error), exitCode: EXIT_CODE.unreachable }
}

/** What the operating system said in the end, for instance `connect ECONNREFUSED 127.0.0.1:8787`. */
function rootReason({ cause }: Error): string | undefined {
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause
  if (!(inner instanceof Error)) return undefined
  return rootReason(inner) ?? inner.message
}

/** `error not_found: agent "x" does not exist (check the id)`, always one line. */
export function errorLine(code: string, message: string, advice?: string): string {
  const line = `error ${code}: ${message}${advice === undefined ? '' : ` (${advice})`}`
  return line.replaceAll(/\s*[\r\n]+\s*/g, ' ')
}
