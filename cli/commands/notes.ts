import type { NoteView } from '#shared/protocol/note.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../errors.ts'
import { readInput } from '../input.ts'
import { inOneLine } from '../one-line.ts'
import { allPages } from '../pages.ts'
import { formatTable } from '../table.ts'

type NotePage = { notes: NoteView[]; next?: string }
type Flags = { tag?: string[] | undefined; all?: boolean | undefined; yes?: boolean | undefined }

const VERBS = ['list', 'search', 'add', 'forget'] as const
const PAGE = '100'

export const notes = defineCommand({
  name: 'notes',
  summary: 'Lists or searches what an agent remembers of you, has it remember something, or has it forget one or all.',
  usage: ['list <agent>', 'search <agent> <words>', 'add <agent> <text | ->', 'forget <agent> (<id> | --all)'],
  description:
    'Your own notes: an agent keeps up to 200 about each caller, for this caller alone. It is told the newest of them where it has "memory": {"notes": true}, ' +
    'and keeps notes itself where it has the tool "remember".',
  options: {
    tag: {
      type: 'string',
      multiple: true,
      placeholder: 'tag',
      help: 'with add: a word to find it by; may be given several times',
    },
    all: { type: 'boolean', help: 'with forget: every note; asks first' },
    yes: { type: 'boolean', help: 'with forget --all: does not ask' },
  },
  examples: [
    'npx sluice notes list assistant',
    "npx sluice notes search assistant 'where I live'",
    "npx sluice notes add assistant 'I live in Zürich and travel by train' --tag travel",
    'npx sluice notes forget assistant 5f0c1a52-…',
    'npx sluice notes forget assistant --all --yes',
  ],
  async run(values, [verb, ...rest], context) {
    const act = await actionOf(verb, rest, values, context)
    return perform(act, await context.http(values), values, context)
  },
})

/** @throws UsageError */
async function actionOf(
  name: string | undefined,
  [agentId, ...rest]: string[],
  { tag, all = false, yes = false }: Flags,
  context: CliContext,
): Promise<Action<HttpCaller>> {
  if (name === undefined) throw new UsageError('what about notes?', 'npx sluice notes --help shows what there is')
  const verb = VERBS.find((known) => known === name)
  if (!verb) throw unknownVerb('notes', name)
  if (tag !== undefined && verb !== 'add') throw new UsageError('--tag belongs to "add"', 'leave it out')
  if ((all || yes) && verb !== 'forget') throw new UsageError('--all and --yes belong to "forget"', 'leave them out')
  if (agentId === undefined)
    throw new UsageError('of which agent?', `npx sluice notes ${verb} assistant; npx sluice agents lists them`)
  const path = `/v1/agents/${encodeURIComponent(agentId)}/notes`
  if (verb === 'search')
    return search(path, required(rest.join(' '), 'which words?', `npx sluice notes search ${agentId} <words>`))
  if (verb === 'add') return add(path, await textOf(agentId, rest, context), tag)
  if (verb === 'forget' && !all) {
    const [noteId = '', ...more] = rest
    expectNoMore(more, 'notes')
    if (yes) throw new UsageError('--yes belongs to --all', 'leave it out')
    return forget(
      path,
      required(noteId, 'which note?', `npx sluice notes list ${agentId} shows their ids; --all forgets every one`),
    )
  }
  expectNoMore(rest, 'notes')
  return verb === 'list' ? list(path, agentId) : forgetAll(path, agentId, yes)
}

const list =
  (path: string, agentId: string): Action<HttpCaller> =>
  async (http, { signal, stderr }) => {
    const found = await all(path, http, signal)
    if (found.length === 0) stderr.line(`"${agentId}" remembers nothing of you`)
    return { text: found.length === 0 ? '' : tableOf(found), json: { notes: found } }
  }

const search =
  (path: string, query: string): Action<HttpCaller> =>
  async (http, { signal, stderr }) => {
    const found = await http<NotePage>(`${path}?${new URLSearchParams({ query, limit: PAGE })}`, { signal })
    if (found.notes.length === 0) stderr.line('no note fits')
    return { text: found.notes.length === 0 ? '' : tableOf(found.notes), json: { notes: found.notes } }
  }

const add =
  (path: string, text: string, tags: readonly string[] = []): Action<HttpCaller> =>
  async (http, { signal }) => {
    const note = await http<NoteView>(path, { method: 'POST', body: { text, tags }, signal })
    return { text: note.noteId, json: note }
  }

const forget =
  (path: string, noteId: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    await remove(path, noteId, http, signal)
    return { text: `${noteId} forgotten`, json: { noteId, deleted: true } }
  }

/** One after the other: what was forgotten stays so when the rest fails, and the command can be given again. */
const forgetAll =
  (path: string, agentId: string, isSure: boolean): Action<HttpCaller> =>
  async (http, context) => {
    const { signal } = context
    const found = await all(path, http, signal)
    const { confirm } = await import('../confirm.ts')
    if (found.length > 0 && !isSure)
      await confirm(`Have "${agentId}" forget ${countOf(found.length)} about you for good?`, context)
    for (const { noteId } of found) await remove(path, noteId, http, signal)
    return { text: `${countOf(found.length)} forgotten`, json: { deleted: found.length } }
  }

async function all(path: string, http: HttpCaller, signal: AbortSignal): Promise<NoteView[]> {
  const pages = await allPages((cursor) =>
    http<NotePage>(`${path}?${new URLSearchParams({ limit: PAGE, ...cursor })}`, { signal }),
  )
  return pages.flatMap((page) => page.notes)
}

const remove = (path: string, noteId: string, http: HttpCaller, signal: AbortSignal): Promise<void> =>
  http(`${path}/${encodeURIComponent(noteId)}`, { method: 'DELETE', signal })

async function textOf(agentId: string, words: readonly string[], context: CliContext): Promise<string> {
  const text = words.length === 1 && words[0] === '-' ? await readInput(context) : words.join(' ')
  return required(text.trim(), 'what is to be remembered?', `npx sluice notes add ${agentId} 'I live in Zürich'`)
}

function required(text: string, question: string, advice: string): string {
  if (text === '') throw new UsageError(question, advice)
  return text
}

const countOf = (count: number): string => `${count} ${count === 1 ? 'note' : 'notes'}`

const tableOf = (found: readonly NoteView[]): string =>
  formatTable([
    ['ID', 'KEPT', 'TAGS', 'NOTE'],
    ...found.map(({ noteId, updatedAt, tags, text }) => [noteId, updatedAt, tags.join(' ') || '-', inOneLine(text)]),
  ])
