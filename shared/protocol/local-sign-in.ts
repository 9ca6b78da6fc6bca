import * as z from 'zod'
import { tenantSchema } from './identifiers.ts'
import { ROLES, type Role } from './scopes.ts'

/** Body of `POST /local/sign-in`. */
export const localSignInSchema = z.strictObject({
  subject: z.string().trim().min(1).max(128),
  tenant: tenantSchema,
  role: z.enum(Object.keys(ROLES) as [Role, ...Role[]]),
})

export type LocalSignIn = z.infer<typeof localSignInSchema>
