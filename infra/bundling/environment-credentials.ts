import { fromEnv } from '@aws-sdk/credential-provider-env'

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the handlers. Lambda gives a function its credentials in the environment, so the
 * search through profiles, SSO and metadata services, and the clients that it needs, are left out.
 */
export const defaultProvider = fromEnv
