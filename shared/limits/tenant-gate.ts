import { ForbiddenError } from '#shared/platform/errors.ts'

/**
 * Whether a tenant may do anything at all: it is closed while its data is erased, so that nothing new is written behind the erasure.
 * The rate limiter asks for every request and refuses a closed tenant with `forbidden`; who took requests on credit
 * before goes on for as long as a lease lasts ({@link LEASE_MS}), so an erasure waits that long before it looks for what is left.
 */
export type TenantGate = {
  /** Repeatable. It stays closed, without an end, until it is opened. */
  close(tenant: string): Promise<void>
  /** Repeatable. */
  open(tenant: string): Promise<void>
  /** Read consistently. */
  isClosed(tenant: string): Promise<boolean>
}

/** Nothing is taken from a tenant that is closed, and nothing of it is written, not even that it was refused. */
export class TenantClosedError extends ForbiddenError {
  constructor() {
    super('this tenant is closed')
  }
}

/** How long a container goes on with what it took from a tenant's bucket, in milliseconds. */
export const LEASE_MS = 5_000
