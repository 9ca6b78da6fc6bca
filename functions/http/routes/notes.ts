import * as z from 'zod'
import { principalSource } from '#shared/access/principal-source.ts'
import type { VerifiedPrincipal } from '#shared/access/verified-principal.ts'
import type { NoteOwner } from '#shared/memory/note-store.ts'
import { timestamp } from '#shared/platform/clock.ts'
import { NotFoundError } from '#shared/platform/errors.ts'
import { newId } from '#shared/platform/ids.ts'
import { agentIdSchema } from '#shared/protocol/identifiers.ts'
import { createNoteSchema, noteListSchema, noteSchema } from '#shared/protocol/note.ts'
import { pageQuery } from '../query.ts'
import { type Route, route } from '../route.ts'

const params = z.object({ agentId: agentIdSchema })

const OWN = 'Everybody has notes of his own: an agent remembers what it knows of a caller for this caller alone.'

const ownerOf = ({ tenant, subject }: VerifiedPrincipal, agentId: string): NoteOwner => ({
  tenant,
  agentId,
  source: principalSource(subject),
})

export const NOTE_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v1/agents/{agentId}/notes',
    operation: 'listNotes',
    summary: 'What an agent remembers of the caller',
    description: `${OWN} With \`query\`, the notes that fit it best; without, the newest first.`,
    tag: 'Conversations',
    scope: 'executions:read',
    params,
    query: z.strictObject({ query: z.string().min(1).max(500).optional(), ...pageQuery({ byDefault: 20 }) }),
    status: 200,
    response: noteListSchema,
    async handle({ principal, params: { agentId }, query: { query, ...page } }, { notes }) {
      const owner = ownerOf(principal, agentId)
      if (query === undefined) return { body: await notes.list(owner, page) }
      return { body: { notes: await notes.search(owner, query, page.limit) } }
    },
  }),

  route({
    method: 'POST',
    path: '/v1/agents/{agentId}/notes',
    operation: 'createNote',
    summary: 'Has an agent remember something of the caller',
    description: `${OWN} Agents with the tool \`remember\` keep notes themselves.`,
    tag: 'Conversations',
    errors: ['not_found', 'quota_exceeded', 'secret_in_request'],
    scope: 'executions:write',
    refusesSecrets: true,
    idempotency: 'kept',
    params,
    body: createNoteSchema,
    status: 201,
    response: noteSchema,
    async handle({ principal, params: { agentId }, body }, { agents, notes, clock }) {
      if (!(await agents.get(principal.tenant, agentId))) throw new NotFoundError('agent', agentId)
      const now = timestamp(clock)
      const note = { noteId: newId(), ...body, createdAt: now, updatedAt: now }
      await notes.put(ownerOf(principal, agentId), note)
      return { body: note }
    },
  }),

  route({
    method: 'DELETE',
    path: '/v1/agents/{agentId}/notes/{noteId}',
    operation: 'deleteNote',
    summary: 'Has an agent forget a note',
    tag: 'Conversations',
    scope: 'executions:write',
    params: params.extend({ noteId: z.uuid() }),
    status: 204,
    response: z.undefined(),
    async handle({ principal, params: { agentId, noteId } }, { notes }) {
      await notes.remove(ownerOf(principal, agentId), noteId)
      return {}
    },
  }),
]
