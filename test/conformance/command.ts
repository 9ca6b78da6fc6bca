import { parseArgs, styleText } from 'node:util'
import { localToken, resolveUrl } from '../../cli/connect.ts'
import { describeError } from '../../cli/describe-error.ts'
import type { CliEnvironment } from '../../cli/environment.ts'
import { CliError, UsageError } from '../../cli/errors.ts'
import { EXIT_CODE } from '../../cli/exit-code.ts'
import { PARTS, RULES } from './rules/index.ts'
import { runRules, type Verdict } from './run-rules.ts'
import { DEFAULTS, type Target } from './target.ts'

const OPTIONS = {
  url: { type: 'string' },
  token: { type: 'string' },
  agent: { type: 'string', default: DEFAULTS.agentId },
  question: { type: 'string', default: DEFAULTS.question },
  only: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const

type Asked = ReturnType<typeof parsed>
type Print = (line: string) => void

/**
 * Examines a server by the rules.
 *
 * @returns the exit code: 0 when it keeps them all, 1 when it breaks one, 2 when called wrongly, 3 when there is nobody to examine
 */
export async function conformance(args: string[], environment: CliEnvironment, print: Print): Promise<number> {
  try {
    return await examine(parsed(args), environment, print)
  } catch (error) {
    const { line = '', exitCode } = await describeError(error)
    print(line)
    return exitCode
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    const options = Object.keys(OPTIONS).map((name) => `--${name}`)
    throw new UsageError(error instanceof Error ? error.message : String(error), `the options are ${options.join(', ')}`)
  }
}

async function examine(asked: Asked, environment: CliEnvironment, print: Print): Promise<number> {
  const { only, json } = asked
  const rules = RULES.filter(({ part }) => only === undefined || part === only)
  if (rules.length === 0) throw new UsageError(`there is no part "${only}"`, `the parts are ${PARTS.join(', ')}`)

  const verdicts = await runRules(rules, await targetOf(asked, environment), (verdict) => {
    if (!json) print(lineOf(verdict))
  })
  const failed = verdicts.filter(({ ok }) => !ok).length
  const counts = { rules: verdicts.length, ok: verdicts.length - failed, failed }
  print(json ? JSON.stringify({ ...counts, verdicts }) : `\n${counts.ok} ok, ${failed} failed`)
  return failed === 0 ? EXIT_CODE.ok : EXIT_CODE.failed
}

async function targetOf({ url, token, agent, question }: Asked, environment: CliEnvironment): Promise<Target> {
  const baseUrl = await resolveUrl({ url }, environment)
  await reach(baseUrl)
  const given = token ?? environment.token
  const source = given === undefined ? await localToken(baseUrl, environment, AbortSignal.timeout(10_000)) : async () => given
  return { ...DEFAULTS, baseUrl, agentId: agent, question, token: source }
}

/** One sentence instead of as many failures as there are rules. */
async function reach(baseUrl: string): Promise<void> {
  try {
    await fetch(new URL('/health', baseUrl), { signal: AbortSignal.timeout(10_000) })
  } catch (cause) {
    throw new CliError('network_error', `nobody answers at ${baseUrl}`, 'start the local cloud with "npm start", or give --url', {
      exitCode: EXIT_CODE.unreachable,
      cause,
    })
  }
}

function lineOf({ part, rule, ok, ms, reason }: Verdict): string {
  const verdict = ok ? styleText('green', 'ok    ') : styleText('red', 'failed')
  return `${verdict}  ${part.padEnd(11)} ${rule} (${ms} ms)${reason === undefined ? '' : `\n        ${reason}`}`
}
