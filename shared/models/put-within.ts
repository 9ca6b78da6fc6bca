import { ConflictError } from '#shared/platform/errors.ts'
import type { TenantList } from './tenant-list.ts'

/**
 * Stores an entry of a list that may have at most so many.
 *
 * @throws ConflictError when the tenant has `most` others already
 */
export async function putWithin<Thing>(
  lists: TenantList<Thing>,
  tenant: string,
  { name, thing, nameOf, most, kind }: { name: string; thing: Thing; nameOf(thing: Thing): string; most: number; kind: string },
): Promise<Thing> {
  const others = (await lists.list(tenant)).filter((known) => nameOf(known) !== name)
  if (others.length >= most) throw new ConflictError(`there are ${most} ${kind} already; delete one`)
  await lists.put(tenant, name, thing)
  return thing
}
