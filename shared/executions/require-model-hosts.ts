import { keylessAddress, requireModelHost } from '#shared/llm/model-host.ts'
import type { RequireKeys } from './require-keys.ts'

/**
 * Refuses to start an agent whose models are at hosts that the stage does not list, as far as that is known before a call: an address that goes with a key
 * is checked when the key is read.
 *
 * @param modelHosts - hosts that definitions may name, with a port or without
 * @param requireKeys - what else is looked at
 * @throws SluiceError `validation_error` naming the host that is not on the list
 */
export const requireModelHosts =
  (modelHosts: readonly string[], requireKeys: RequireKeys): RequireKeys =>
  async (tenant, agent) => {
    const llm = agent.kind === 'remote' ? undefined : agent.llm
    for (const choice of llm ? [llm, ...(llm.fallbacks ?? [])] : []) {
      const address = keylessAddress(choice)
      if (address !== undefined) requireModelHost(address, modelHosts)
    }
    await requireKeys(tenant, agent)
  }
