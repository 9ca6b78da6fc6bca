import { DeleteCommand, type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { throwAwsError } from '#shared/platform/aws-errors.ts'
import { queryAll } from '#shared/platform/dynamo-query-all.ts'
import { derivedId } from '#shared/platform/ids.ts'
import { MAX_NOTES, type Note, type NoteOwner, type NoteStore } from './note-store.ts'
import { pageOfNotes } from './page-of-notes.ts'
import { TooManyNotesError } from './too-many-notes-error.ts'

/** Items of the executions table: `T#<tenant>#NOTES#<owner>` / `NOTE#<id>`. */
const noteSchema = z.object({
  noteId: z.string(),
  text: z.string(),
  tags: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
})

const partitionOf = ({ tenant, agentId, source }: NoteOwner): string => `T#${tenant}#NOTES#${derivedId('notes', agentId, source)}`
const keyOf = (owner: NoteOwner, noteId: string) => ({ pk: partitionOf(owner), sk: `NOTE#${noteId}` })

const failure = throwAwsError('the table of notes')

/** Notes in the executions table. They stay until somebody deletes them: what is to be forgotten by itself belongs into a conversation. */
export function dynamoNoteStore(client: DynamoDBDocumentClient, TableName: string): NoteStore {
  async function all(owner: NoteOwner): Promise<Note[]> {
    const items = await queryAll(client, {
      TableName,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': partitionOf(owner) },
      ConsistentRead: true,
    }).catch(failure)
    return items.map((item) => noteSchema.parse(item))
  }

  return {
    async put(owner, { noteId, text, tags, createdAt, updatedAt }) {
      const others = (await all(owner)).filter((note) => note.noteId !== noteId)
      if (others.length >= MAX_NOTES) throw new TooManyNotesError()
      const update = new UpdateCommand({
        TableName,
        Key: keyOf(owner, noteId),
        UpdateExpression:
          'SET noteId = :id, #text = :text, tags = :tags, createdAt = if_not_exists(createdAt, :createdAt), updatedAt = :updatedAt',
        ExpressionAttributeNames: { '#text': 'text' },
        ExpressionAttributeValues: {
          ':id': noteId,
          ':text': text,
          ':tags': tags,
          ':createdAt': createdAt,
          ':updatedAt': updatedAt,
        },
      })
      await client.send(update).catch(failure)
    },

    async remove(owner, noteId) {
      await client.send(new DeleteCommand({ TableName, Key: keyOf(owner, noteId) })).catch(failure)
    },

    list: async (owner, page) => pageOfNotes(await all(owner), page),

    async search(owner, query, limit) {
      const [notes, { rankNotes }] = await Promise.all([all(owner), import('./rank-notes.ts')])
      return rankNotes(notes, query, limit)
    },
  }
}
