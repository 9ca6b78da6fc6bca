import { expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

// That the token opens what it says is shown on the deployed app, in test/e2e/cli.test.ts.

it('makes none without a local cloud, and says what to do', async () => {
  const context = cliContext()

  expect(await main(['token'], context)).toBe(3)
  expect(context.out()).toBe('')
  expect(context.err()).toMatch(/^error no_local_cloud: no local cloud runs, .+ \(start it with "npm start"; .+\)\n$/)
})

it.each([
  [['--scope', 'agents:read agent:write'], 'there is no scope "agent:write" (did you mean "agents:write"?)'],
  [['--scope', 'everything'], 'there is no scope "everything" (use agents:read, '],
  [['--scope', ' '], '--scope is empty'],
  [['--tenant', 'a b'], '--tenant "a b" is no tenant'],
  [['--subject', ''], '--subject has 1 to 128 characters'],
  [['--expires-in', 'soon'], '--expires-in "soon" is not a duration'],
  [['acme'], '"acme" is too much'],
])('refuses %j', async (args, message) => {
  const context = cliContext()

  expect(await main(['token', ...args], context)).toBe(2)
  expect(context.err()).toContain(message)
})
