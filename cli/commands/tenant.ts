import { setTimeout as pause } from 'node:timers/promises'
import type { ErasureView, RequestedErasure } from '#shared/protocol/erasure.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT_CODE } from '../exit-code.ts'
import { formatTable } from '../table.ts'

type Flags = { confirm?: string | undefined; follow?: boolean | undefined }

const PAUSE_MS = 5_000

export const tenant = defineCommand({
  name: 'tenant',
  summary: 'Erases everything of your tenant for good, or shows how far that has come.',
  usage: ['erase --confirm <tenant>', 'erasure <id>'],
  description:
    'The tenant is closed at once and stays so: nothing but the progress of its erasure can be asked for. There is no way back. The proof says what a last ' +
    'pass over everything looked at, and that it found nothing.',
  options: {
    confirm: { type: 'string', placeholder: 'tenant', help: 'with erase: the name of your tenant, so that you mean it' },
    follow: { type: 'boolean', help: 'wait for the end' },
  },
  examples: [
    'npx sluice tenant erase --confirm acme',
    'npx sluice tenant erase --confirm acme --follow',
    'npx sluice tenant erasure 018f9a50-… --json',
  ],
  async run(values, [verb, ...rest], context) {
    const begin = beginningOf(verb, rest, values)
    const act: Action<HttpCaller> = async (http) => {
      const erasure = await look(http, await begin(http, context), values, context)
      const exitCode = erasure.status === 'failed' ? EXIT_CODE.failed : EXIT_CODE.ok
      return { text: sheetOf(erasure), json: erasure, exitCode }
    }
    return perform(act, await context.http(values), values, context)
  },
})

/** Gives the id of the erasure that is meant. */
type Beginning = (http: HttpCaller, context: CliContext) => Promise<string>

function beginningOf(verb: string | undefined, rest: string[], { confirm }: Flags): Beginning {
  switch (verb) {
    case 'erase':
      expectNoMore(rest, 'tenant')
      if (confirm === undefined)
        throw new UsageError('this erases everything of your tenant', 'say which one you mean: --confirm <tenant>')
      return async (http, { signal }) => {
        const asked = await http<RequestedErasure>('/v1/tenant/erasure', { method: 'POST', body: { confirm }, signal })
        return asked.erasureId
      }
    case 'erasure': {
      const [id, ...more] = rest
      expectNoMore(more, 'tenant')
      if (confirm !== undefined) throw new UsageError('--confirm belongs to "erase"', 'leave it out')
      if (id === undefined) throw new UsageError('which one?', 'npx sluice tenant erasure <id>')
      return async () => id
    }
    default:
      throw verb === undefined
        ? new UsageError('what of the tenant?', 'npx sluice tenant --help shows what there is')
        : unknownVerb('tenant', verb)
  }
}

async function look(http: HttpCaller, id: string, { follow }: Flags, { signal, stderr }: CliContext): Promise<ErasureView> {
  const read = () => http<ErasureView>(`/v1/tenant/erasures/${encodeURIComponent(id)}`, { signal })
  let erasure = await read()
  while (follow && erasure.endedAt === undefined) {
    stderr.line(`${erasure.status}, pass ${erasure.passes}`)
    await pause(PAUSE_MS, undefined, { signal })
    erasure = await read()
  }
  return erasure
}

function sheetOf({ erasureId, status, passes, erased, proof, detail }: ErasureView): string {
  const head = [`erasure ${erasureId}: ${status}, ${passes} ${passes === 1 ? 'pass' : 'passes'}`, ...(detail ? [detail] : [])]
  const rows = Object.entries(erased).map(([place, count]) => [
    place,
    String(count),
    String(proof?.looked[place] ?? '–'),
    String(proof?.found[place] ?? '–'),
  ])
  if (rows.length === 0) return head.join('\n')
  return [...head, formatTable([['PLACE', 'ERASED', 'LOOKED AT', 'LEFT'], ...rows])].join('\n')
}
