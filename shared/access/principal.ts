import type { CredentialKind } from '#shared/protocol/audit.ts'
import type { Scope } from '#shared/protocol/scopes.ts'

/** Who is calling and whose data it is; comes from a verified token, key or ticket only. */
export type Principal = {
  subject: string
  tenant: string
  scopes: readonly Scope[]
  /** Roles by name, as policies of agents ask for them; none when absent. */
  roles?: readonly string[] | undefined
  /** The one channel that it may follow: nothing else is open to it, whatever its scopes. Anything when absent. */
  onlyChannel?: string | undefined
  /** How it proved who it is, and which key or token that was. */
  credential?: { kind: CredentialKind; id?: string | undefined } | undefined
}
