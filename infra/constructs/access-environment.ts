import { ENV, tokenSecretName } from '#shared/platform/names.ts'
import type { StageConfig } from '../stage-config.ts'

/** What a door must know to let callers in: see `CONFIG.access`. */
export function accessEnvironment(config: StageConfig): Record<string, string> {
  const { oidcIssuer: issuer, oidcAudience: audience, oidcTenantClaim: tenantClaim } = config
  const { oidcRolesClaim: rolesClaim, oidcScopesClaim: scopesClaim } = config
  return {
    [ENV.tokenSecretName]: tokenSecretName(config.platform),
    [ENV.defaultTenant]: config.defaultTenant,
    [ENV.authentication]: config.auth,
    [ENV.failedAttemptsPerMinute]: String(config.failedAttemptsPerMinute),
    ...(issuer && { [ENV.oidcProvider]: JSON.stringify({ issuer, audience, tenantClaim, rolesClaim, scopesClaim }) }),
  }
}
