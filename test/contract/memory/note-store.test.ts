import { describe, expect, it } from 'vitest'
import { dynamoNoteStore } from '#shared/memory/dynamo-note-store.ts'
import { memoryNoteStore } from '#shared/memory/memory-note-store.ts'
import { MAX_NOTES, type Note, type NoteOwner, type NoteStore } from '#shared/memory/note-store.ts'
import { newId } from '#shared/platform/ids.ts'
import { dynamoBackends } from '../../helpers/dynamo.ts'

const anOwner = (overrides: Partial<NoteOwner> = {}): NoteOwner => ({
  tenant: 'acme',
  agentId: newId(),
  source: '/principals/ada',
  ...overrides,
})

const aNote = (minute: number, text: string, overrides: Partial<Note> = {}): Note => {
  const at = `2026-11-21T09:${String(minute % 60).padStart(2, '0')}:00.000Z`
  return { noteId: newId(), text, tags: [], createdAt: at, updatedAt: at, ...overrides }
}

function noteContract(open: () => NoteStore): void {
  const store = open()

  it('gives notes page by page, the newest first', async () => {
    const owner = anOwner()
    const notes = [3, 1, 2].map((minute) => aNote(minute, `note ${minute}`))
    for (const note of notes) await store.put(owner, note)

    const first = await store.list(owner, { limit: 2 })
    const second = await store.list(owner, { limit: 2, after: first.next })

    expect([...first.notes, ...second.notes].map(({ text }) => text)).toEqual(['note 3', 'note 2', 'note 1'])
    expect(second.next).toBeUndefined()
  })

  it('keeps one note for an id, and when it was made', async () => {
    const owner = anOwner()
    const note = aNote(1, 'likes tea')
    await store.put(owner, note)

    await store.put(owner, {
      ...note,
      text: 'likes coffee',
      createdAt: '2027-01-01T00:00:00.000Z',
      updatedAt: '2027-01-01T00:00:00.000Z',
    })

    expect((await store.list(owner, { limit: 10 })).notes).toEqual([
      { ...note, text: 'likes coffee', updatedAt: '2027-01-01T00:00:00.000Z' },
    ])
  })

  it('finds by words, beginnings of words and tags, the best match first', async () => {
    const owner = anOwner()
    await store.put(owner, aNote(1, 'Ada lives in Zürich and travels by train'))
    await store.put(owner, aNote(2, 'Invoices go to accounting', { tags: ['billing'] }))
    await store.put(owner, aNote(3, 'The train to Zürich leaves at nine, the train back at six'))

    const texts = async (query: string) => (await store.search(owner, query, 2)).map(({ text }) => text)

    expect(await texts('where does Ada live?')).toContain('Ada lives in Zürich and travels by train')
    expect(await texts('billing')).toEqual(['Invoices go to accounting'])
    expect(await texts('trains')).toHaveLength(2)
    expect(await texts('quasar')).toEqual([])
  })

  it('shows the notes of nobody else', async () => {
    const owner = anOwner()
    await store.put(owner, aNote(1, 'secret of Ada'))

    for (const other of [{ tenant: 'umbrella' }, { source: '/principals/eve' }, { agentId: 'other' }]) {
      expect((await store.list({ ...owner, ...other }, { limit: 10 })).notes).toEqual([])
      expect(await store.search({ ...owner, ...other }, 'secret', 10)).toEqual([])
    }
  })

  it('forgets what is removed, also twice', async () => {
    const owner = anOwner()
    const note = aNote(1, 'gone')
    await store.put(owner, note)

    await store.remove(owner, note.noteId)
    await store.remove(owner, note.noteId)

    expect((await store.list(owner, { limit: 10 })).notes).toEqual([])
  })

  it(`keeps ${MAX_NOTES} notes, and one that is there can still be changed`, async () => {
    const owner = anOwner()
    const notes = Array.from({ length: MAX_NOTES }, (_none, number) => aNote(number, `note ${number}`))
    for (const note of notes) await store.put(owner, note)

    await expect(store.put(owner, aNote(1, 'one too many'))).rejects.toMatchObject({ code: 'quota_exceeded' })
    await store.put(owner, { ...(notes[0] as Note), text: 'changed' })

    expect((await store.search(owner, 'changed', 5)).map(({ text }) => text)).toEqual(['changed'])
  })

  it.each(['', 'x', Buffer.from('nonsense').toString('base64url')])('refuses the cursor %j', async (after) => {
    await expect(store.list(anOwner(), { limit: 1, after })).rejects.toMatchObject({ code: 'validation_error' })
  })
}

describe('memory', () => noteContract(memoryNoteStore))
describe.each(dynamoBackends())('$name', ({ client, tables }) => noteContract(() => dynamoNoteStore(client, tables.executions)))
