import MiniSearch from 'minisearch'

/** Texts of an item that are searched, by name. */
export type SearchedTexts<Item> = Record<string, (item: Item) => string>

/**
 * Items that share words with a question, the best match first: by BM25, beginnings of words and slips of the pen included. Of equal matches the one that
 * comes first in `items`.
 *
 * @param options.limit most items to give
 * @param options.boost how much a word counts in a text, by the name of the text; 1 where nothing is said
 */
export function rankByWords<Item extends object>(
  items: readonly Item[],
  query: string,
  texts: SearchedTexts<Item>,
  { limit, boost = {} }: { limit: number; boost?: Record<string, number> },
): Item[] {
  const index = new MiniSearch<{ id: number; item: Item }>({
    fields: Object.keys(texts),
    extractField: ({ id, item }, field) => (field === 'id' ? id : texts[field]?.(item)),
  })
  index.addAll(items.map((item, id) => ({ id, item })))
  const found = index.search(wordsOf(query), { prefix: true, fuzzy: 0.2, boost })
  return found.slice(0, limit).flatMap(({ id }) => items[Number(id)] ?? [])
}

/** Each word once: what fits is looked for, and counted, for every word again, and a letter that stands two hundred times begins half of all words. */
const wordsOf = (query: string): string => [...new Set(MiniSearch.getDefault('tokenize')(query.toLowerCase()))].join(' ')
