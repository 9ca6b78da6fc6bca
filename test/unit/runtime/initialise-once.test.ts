import { describe, expect, it, vi } from 'vitest'
import { memoryAgentStore } from '#shared/agents/memory-agent-store.ts'
import { systemClock } from '#shared/platform/clock.ts'
import { memoryLog } from '#shared/platform/log.ts'
import { defineAgent } from '#shared/runtime/define-agent.ts'
import { initialiseOnce } from '#shared/runtime/initialise-once.ts'
import { aFunctionAgent } from '../../helpers/executions.ts'

const KEY = { tenant: 'acme', agentId: 'triage' }

async function container(onInit: () => Promise<void> | void) {
  const [agents, logger] = [memoryAgentStore(), memoryLog()]
  await agents.create(KEY.tenant, aFunctionAgent())
  const definition = defineAgent({ id: KEY.agentId, handle: () => undefined, onInit })
  const initialise = initialiseOnce({ agents, logger, clock: systemClock }, definition)
  return { agents, logger, initialise: () => initialise(KEY), agent: () => agents.get(KEY.tenant, KEY.agentId) }
}

describe('initialiseOnce', () => {
  it('calls onInit once for all that begin together, and not again afterwards', async () => {
    const onInit = vi.fn(async () => undefined)
    const { initialise } = await container(onInit)

    await Promise.all([initialise(), initialise()])
    await initialise()

    expect(onInit).toHaveBeenCalledOnce()
  })

  it('tries again with the next execution when it fails, and says so in the log', async () => {
    const onInit = vi.fn().mockRejectedValueOnce(new Error('no connection')).mockResolvedValue(undefined)
    const { initialise, logger, agent } = await container(onInit)

    await expect(initialise()).rejects.toMatchObject({ code: 'unavailable', retryable: true })
    await initialise()

    expect(onInit).toHaveBeenCalledTimes(2)
    expect(logger.lines).toMatchObject([{ level: 'error', code: 'agent_init_failed', fields: { ...KEY, tries: 1 } }])
    expect(await agent()).toMatchObject({ status: 'running' })
  })

  it('makes the agent failed after three tries, without showing what was thrown', async () => {
    const { initialise, agent } = await container(() => {
      throw new Error('password=secret')
    })

    for (let attempt = 0; attempt < 3; attempt++) await expect(initialise()).rejects.toMatchObject({ code: 'unavailable' })

    const failed = await agent()
    expect(failed).toMatchObject({ status: 'failed', statusReason: { code: 'internal' } })
    expect(failed?.statusReason?.detail).toMatch(/^onInit failed 3 times: /)
    expect(JSON.stringify(failed)).not.toContain('secret')
  })

  it('counts tries in a row', async () => {
    const broken = new Error('broken')
    const onInit = vi.fn().mockRejectedValueOnce(broken).mockRejectedValueOnce(broken).mockResolvedValue(undefined)
    const { initialise, agent } = await container(onInit)

    await initialise().catch(() => undefined)
    await initialise().catch(() => undefined)
    await initialise()

    expect(await agent()).toMatchObject({ status: 'running' })
  })

  it('does not wait for ever', async () => {
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort(new Error('the time is up')))
    const { initialise } = await container(() => new Promise(() => undefined))

    await expect(initialise()).rejects.toMatchObject({ code: 'unavailable' })
  })
})
