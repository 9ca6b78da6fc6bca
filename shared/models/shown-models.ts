import { decodeCursor, encodeCursor } from '#shared/platform/cursor.ts'
import type { ModelEntry, Vendor } from '#shared/protocol/model.ts'
import { BUILT_IN_MODELS, overEntry } from './find-facts.ts'
import { entryName } from './put-model.ts'

type Page = { provider?: Vendor | undefined; limit: number; after?: string | undefined }

/**
 * A page of the catalogue as it applies to a tenant, ordered by provider and name.
 *
 * @throws ValidationError for an invalid cursor
 */
export function shownModels(
  overrides: readonly ModelEntry[],
  { provider, limit, after }: Page,
): { models: ModelEntry[]; next?: string } {
  const entries = new Map(BUILT_IN_MODELS.map((entry) => [entryName(entry), entry]))
  for (const said of overrides) entries.set(entryName(said), overEntry(entries.get(entryName(said)), said))
  const place = after === undefined ? '' : decodeCursor(after, (text) => text.includes('#'))
  const wanted = [...entries]
    .filter(([name, entry]) => name > place && (provider === undefined || entry.provider === provider))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  const page = wanted.slice(0, limit)
  const last = page.at(-1)
  const models = page.map(([, entry]) => entry)
  return last && wanted.length > limit ? { models, next: encodeCursor(last[0]) } : { models }
}
