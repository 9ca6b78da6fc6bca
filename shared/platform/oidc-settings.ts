import * as z from 'zod'

/** Which OpenID Connect provider's tokens are taken, and where they say what we need. */
export const oidcSettingsSchema = z.strictObject({
  /** Claim `iss`, and where its discovery document is. */
  issuer: z.url({ protocol: /^https?$/ }),
  /** Claim `aud`: the API as the provider knows it. */
  audience: z.string().min(1),
  /** Claims by their whole name. */
  tenantClaim: z.string().min(1),
  rolesClaim: z.string().min(1).optional(),
  scopesClaim: z.string().min(1).optional(),
})

export type OidcSettings = z.infer<typeof oidcSettingsSchema>
