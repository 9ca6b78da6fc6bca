import { isPrincipalSource } from '#shared/access/principal-source.ts'
import type { Note, NoteOwner, NoteStore } from '#shared/memory/note-store.ts'
import { type Clock, timestamp } from '#shared/platform/clock.ts'
import { SluiceError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import { KEY_FORMS } from '#shared/platform/key-forms.ts'
import type { OpenTool } from './open-tool.ts'
import type { ToolCaller } from './toolbox.ts'

const MAX_NOTE = 2_000
const DEFAULT_FOUND = 5

const TAGS = {
  type: 'array',
  maxItems: 8,
  items: { type: 'string', minLength: 1, maxLength: 64 },
  description: 'Words to find it by.',
}

/** The built-in tool `remember`: keeps a note about the caller for later conversations. A repeated call writes the same note. */
export const remember = ({ notes, clock }: { notes: NoteStore; clock: Clock }, caller: ToolCaller): OpenTool => ({
  tool: {
    name: 'remember',
    description: 'Keeps a fact about this user for later conversations. Keep what will matter again, never passwords or keys.',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', minLength: 1, maxLength: MAX_NOTE, description: 'The fact, in one sentence.' },
        tags: TAGS,
      },
      required: ['text'],
      additionalProperties: false,
    },
  },
  repeatable: true,
  async call(input, { idempotencyKey }) {
    const owner = ownerOf(caller)
    const { text, tags = [] } = input as { text: string; tags?: string[] }
    if ([text, ...tags].some(isKey)) throw new SluiceError('secret_in_request', 'it looks like a key, and keys are not kept')
    const noteId = derivedId('note', owner.tenant, owner.agentId, owner.source, idempotencyKey)
    const now = timestamp(clock)
    await notes.put(owner, { noteId, text, tags, createdAt: now, updatedAt: now })
    return { content: 'kept' }
  },
})

/** The built-in tool `recall`: finds notes about the caller. */
export const recall = ({ notes }: { notes: NoteStore }, caller: ToolCaller): OpenTool => ({
  tool: {
    name: 'recall',
    description: 'Finds facts about this user that were kept in earlier conversations.',
    parameters: {
      type: 'object',
      properties: {
        query: { type: 'string', minLength: 1, maxLength: 500, description: 'What it is about.' },
        limit: { type: 'integer', minimum: 1, maximum: 20, description: `Most facts; ${DEFAULT_FOUND} when it is left out.` },
      },
      required: ['query'],
      additionalProperties: false,
    },
  },
  repeatable: true,
  async call(input) {
    const { query, limit = DEFAULT_FOUND } = input as { query: string; limit?: number }
    const found = await notes.search(ownerOf(caller), query, limit)
    return { content: found.map(shown).join('\n') || 'nothing is known' }
  },
})

/**
 * @throws SluiceError when the caller is not a known principal, since every note belongs to one. An agent as the caller acts for many people, who must
 *   not learn about each other, and could not delete their notes.
 */
function ownerOf({ tenant, agentId, source }: ToolCaller): NoteOwner {
  if (source === undefined || !isPrincipalSource(source))
    throw new SluiceError('invalid_state', 'it is not known who asks, so nothing is kept about them')
  return { tenant, agentId, source }
}

const isKey = (text: string): boolean => KEY_FORMS.some((form) => form.test(text))

const shown = ({ text, updatedAt }: Note): string => `[${updatedAt.slice(0, 10)}] ${text}`
