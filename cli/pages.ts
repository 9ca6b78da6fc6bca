/**
 * All pages of a list, one after the other.
 *
 * @param read - asks for the page behind a cursor, the first one without
 */
export async function allPages<Page extends { next?: string | undefined }>(
  read: (cursor: Record<string, string>) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = []
  for (let cursor: Record<string, string> | undefined = {}; cursor !== undefined; ) {
    const page: Page = await read(cursor)
    pages.push(page)
    cursor = page.next === undefined ? undefined : { after: page.next }
  }
  return pages
}
