import * as z from 'zod'
import { tenantSchema } from './identifiers.ts'
import { ROLES, type Role } from './scopes.ts'

/** Where the local front door signs a developer in; no deployed stage has it. */
export const LOCAL_SIGN_IN_PATH = '/local/sign-in'

/** Body of `POST /local/sign-in`. */
export const localSignInSchema = z.strictObject({
  subject: z.string().trim().min(1).max(128),
  tenant: tenantSchema,
  role: z.enum(Object.keys(ROLES) as [Role, ...Role[]]),
})

export type LocalSignIn = z.infer<typeof localSignInSchema>
