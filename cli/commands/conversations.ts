import type { ConversationExport, ConversationSearch, ConversationView } from '#shared/protocol/conversation.ts'
import type { HttpCaller } from '../../web/client/http.ts'
import { type Action, perform } from '../action.ts'
import { defineCommand, expectNoMore, unknownVerb } from '../command.ts'
import { UsageError } from '../errors.ts'
import { inOneLine } from '../one-line.ts'
import { allPages } from '../pages.ts'
import { formatTable } from '../table.ts'

type ConversationPage = { conversations: ConversationView[]; next?: string }

const PATH = '/v1/conversations'
const PAGE = '100'

export const conversations = defineCommand({
  name: 'conversations',
  summary: 'Lists what you have talked about with an agent, searches it, shows it, or has it forgotten.',
  usage: ['list <agent>', 'search <agent> <words>', '(show | delete) <id>'],
  description: 'Your own conversations. "show" gives one out whole; with --json as it is stored.',
  options: {},
  examples: [
    'npx sluice conversations list assistant',
    "npx sluice conversations search assistant 'train to Zürich'",
    'npx sluice conversations show 5f0c1a52-… --json > holidays.json',
    'npx sluice conversations delete 5f0c1a52-…',
  ],
  async run(values, [verb, ...rest], context) {
    const act = actionOf(verb, rest)
    return perform(act, await context.http(values), values, context)
  },
})

/** @throws UsageError */
function actionOf(verb: string | undefined, [subject, ...more]: string[]): Action<HttpCaller> {
  if (verb === undefined) throw new UsageError('what about conversations?', 'npx sluice conversations --help shows what there is')
  if (!['list', 'search', 'show', 'delete'].includes(verb)) throw unknownVerb('conversations', verb)
  if (subject === undefined) {
    const wanted = verb === 'list' || verb === 'search' ? '<agent>' : '<id>'
    throw new UsageError('of which one?', `npx sluice conversations ${verb} ${wanted}`)
  }
  if (verb === 'search') return search(subject, more.join(' '))
  expectNoMore(more, 'conversations')
  return { list, show, delete: remove }[verb as 'list' | 'show' | 'delete'](subject)
}

const list =
  (agentId: string): Action<HttpCaller> =>
  async (http, { signal, stderr }) => {
    const pages = await allPages((cursor) =>
      http<ConversationPage>(`${PATH}?${new URLSearchParams({ agentId, limit: PAGE, ...cursor })}`, { signal }),
    )
    const found = pages.flatMap((page) => page.conversations)
    if (found.length === 0) stderr.line(`you have not talked with "${agentId}"; requests with a conversationId belong to one`)
    const rows = found.map(({ id, conversationId, createdAt, updatedAt }) => [id, conversationId, createdAt, updatedAt])
    const text = found.length === 0 ? '' : formatTable([['ID', 'NAME', 'BEGAN', 'LAST SAID'], ...rows])
    return { text, json: { conversations: found } }
  }

/** @throws UsageError when there is nothing to look for */
function search(agentId: string, query: string): Action<HttpCaller> {
  if (query === '') throw new UsageError('which words?', `npx sluice conversations search ${agentId} <words>`)
  return async (http, { signal, stderr }) => {
    const found = await http<ConversationSearch>(`${PATH}/search?${new URLSearchParams({ agentId, query })}`, { signal })
    if (found.hits.length === 0) stderr.line('nothing like this was said')
    if (found.more) stderr.line('older conversations were not looked through')
    const rows = found.hits.map(({ id, turn: { at, role, content } }) => [id, at, role, inOneLine(content)])
    const text = rows.length === 0 ? '' : formatTable([['ID', 'SAID', 'BY', 'WHAT'], ...rows])
    return { text, json: found }
  }
}

const show =
  (id: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    const whole = await http<ConversationExport>(`${PATH}/${encodeURIComponent(id)}/export`, { signal })
    return { text: whole.turns.map(({ role, at, content }) => `${role}, ${at}\n${content}`).join('\n\n'), json: whole }
  }

const remove =
  (id: string): Action<HttpCaller> =>
  async (http, { signal }) => {
    await http(`${PATH}/${encodeURIComponent(id)}`, { method: 'DELETE', signal })
    return { text: `${id} forgotten`, json: { id, deleted: true } }
  }
