import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ReplayServer, startReplayServer } from '../../helpers/replay-server.ts'
import { PROVIDERS } from '../../llm/providers.ts'
import { runCell } from '../../llm/run-cell.ts'
import { SCENARIOS } from '../../llm/scenarios.ts'

let server: ReplayServer

beforeAll(async () => {
  server = await startReplayServer()
})
afterAll(() => server.close())

/** Cells that a provider cannot have are no tests; `npm run test:llm` names them. */
const applicable = (cells: (typeof PROVIDERS)[number]['cells']) => SCENARIOS.filter((name) => !('inapplicable' in cells[name]))

describe.each(PROVIDERS)('$name', (provider) => {
  it.each(applicable(provider.cells))('%s', async (scenario) => {
    expect(await runCell(provider, scenario, server, 'ends')).toMatchObject({ outcome: 'passed' })
  })
})

/** `openai` and `azure` are read by the adapter of `custom`, and their answers are longer. */
const DECODERS = PROVIDERS.filter(({ name }) => ['custom', 'anthropic', 'google', 'ollama', 'bedrock'].includes(name))

it.each(DECODERS.map((provider) => [provider.name, provider] as const))(
  '%s reads words and calls that are split in two at any byte',
  async (_name, provider) => {
    const verdict = await runCell(provider, 'tools', server, 'all')

    expect(verdict).toMatchObject({ outcome: 'passed' })
    expect(verdict.deliveries).toBeGreaterThan(300)
  },
  120_000,
)
