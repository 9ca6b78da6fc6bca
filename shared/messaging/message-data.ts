import { NotFoundError, SluiceError, ValidationError } from '#shared/platform/errors.ts'
import { derivedId } from '#shared/platform/ids.ts'
import type { Envelope } from '#shared/protocol/envelope.ts'
import { MAX_REFERENCED_BYTES } from '#shared/protocol/limits.ts'
import type { ArtifactStore } from './artifact-store.ts'
import { isTooLarge } from './envelope-size.ts'
import type { Message } from './message.ts'

/** What makes a message the one that it is. */
type Identity = { tenant: string; envelope: Pick<Envelope, 'topic' | 'to' | 'source' | 'id'> }

/** Where the data of a message is kept when it is too large to travel. It follows from the message, so nobody can point elsewhere. */
export const dataKey = ({ tenant, envelope: { topic = '', to = '', source, id } }: Identity): string =>
  `T/${tenant}/messages/${derivedId('data', tenant, topic, to, source, id)}`

/** Path under the front door where the data of a message on a topic can be read. */
export const dataPath = ({ topic, source, id }: { topic: string; source: string; id: string }): string =>
  `/v1/topics/${encodeURIComponent(topic)}/data?${new URLSearchParams({ source, id })}`

/**
 * A message that can travel: data that is too large is stored first, and the message refers to it. A message that is published again, even
 * with other data, refers to what was stored the first time.
 *
 * @throws SluiceError `payload_too_large` above {@link MAX_REFERENCED_BYTES}, `unavailable` when it could not be stored
 */
export async function referenceData(artifacts: ArtifactStore, message: Message): Promise<Message> {
  const { envelope } = message
  if (!isTooLarge(envelope)) return message
  const key = dataKey(message)
  const text = JSON.stringify(envelope.data)
  if (Buffer.byteLength(text) > MAX_REFERENCED_BYTES) {
    throw new SluiceError('payload_too_large', `the data is larger than ${MAX_REFERENCED_BYTES} bytes`)
  }
  await artifacts.put(key, text)
  return { ...message, envelope: { ...envelope, data: null, dataref: key } }
}

/** @throws ValidationError when a message refers to anything but its own data */
export function requireOwnData(message: Message): void {
  const { dataref, data } = message.envelope
  if (dataref === undefined) return
  if (dataref !== dataKey(message)) throw new ValidationError('"dataref" is set by the runtime: send the data itself')
  if (data !== null) throw new ValidationError('the message has data, and refers to data as well')
}

/**
 * The data of a message, wherever it is.
 *
 * @throws ValidationError when it refers to something else, NotFoundError when it is no longer kept, SluiceError `unavailable`
 */
export async function loadData(artifacts: ArtifactStore, message: Message): Promise<Envelope['data']> {
  requireOwnData(message)
  const { dataref, data, id } = message.envelope
  return dataref === undefined ? data : JSON.parse(await requireText(artifacts, dataref, 'data of the message', id))
}

/** @throws NotFoundError when it is no longer kept */
export async function requireText(artifacts: ArtifactStore, key: string, what: string, id: string): Promise<string> {
  const text = await artifacts.get(key)
  if (text === undefined) throw new NotFoundError(what, id)
  return text
}
