/** Stores a short list of named things for each tenant. Reads are consistent. */
export type TenantList<Thing> = {
  /** Replaces what stood under the name. */
  put(tenant: string, name: string, thing: Thing): Promise<void>
  /** All of them, in the order of their names. */
  list(tenant: string): Promise<Thing[]>
  remove(tenant: string, name: string): Promise<'removed' | 'missing'>
}
