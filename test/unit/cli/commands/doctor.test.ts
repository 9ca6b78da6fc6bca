import { expect, it } from 'vitest'
import { main } from '../../../../cli/main.ts'
import { cliContext } from '../../../helpers/cli-context.ts'

it('shows a line for each finding, and fails when one does', async () => {
  const environment = { endpointUrl: 'http://127.0.0.1:1' }
  const [text, json] = [cliContext({ environment }), cliContext({ environment })]

  expect(await main(['doctor'], text)).toBe(1)
  expect(text.out()).toMatch(/^ok {4}node +v24\./m)
  expect(text.out()).toMatch(/^fail {2}AWS_ENDPOINT_URL +http:\/\/127\.0\.0\.1:1 does not answer\n +→ start what runs there/m)

  expect(await main(['doctor', '--json'], json)).toBe(1)
  const findings: { check: string; status: string }[] = JSON.parse(json.out())
  expect(findings).toContainEqual(expect.objectContaining({ check: 'AWS_ENDPOINT_URL', status: 'fail' }))
  for (const check of ['node', 'npm', 'packages', 'python', 'chromium', 'java'])
    expect(findings.map((each) => each.check)).toContain(check)
}, 30_000)
