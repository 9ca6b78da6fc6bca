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
