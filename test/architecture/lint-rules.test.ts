import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

const LAYER = 'lint/style/noRestrictedImports'
const FLOATING = 'lint/nursery/noFloatingPromises'
const CYCLE = 'lint/suspicious/noImportCycles'
const ENVIRONMENT = 'lint/style/noProcessEnv'
const PLUGIN = 'plugin'

type Fixture = { what: string; file: string; code: string; report: string }

const importing = (source: string) => `import { thing } from '${source}'\nexport const it = thing\n`
const wrongLayer = (file: string, source: string): Fixture => ({
  what: `${file} importing ${source}`,
  file,
  code: importing(source),
  report: LAYER,
})

const ILLEGAL: Fixture[] = [
  wrongLayer('shared/protocol/a1.ts', '#shared/platform/errors.ts'),
  wrongLayer('shared/protocol/a2.ts', 'node:crypto'),
  wrongLayer('shared/platform/a1.ts', '#shared/agents/agent-store.ts'),
  wrongLayer('shared/access/a1.ts', '#shared/agents/agent-store.ts'),
  wrongLayer('shared/agents/a1.ts', '#shared/executions/execution-store.ts'),
  wrongLayer('shared/agents/a2.ts', '../platform/errors.ts'),
  wrongLayer('shared/messaging/a1.ts', '#shared/streams/stream-log.ts'),
  wrongLayer('shared/llm/a1.ts', '#shared/streams/stream-log.ts'),
  wrongLayer('shared/streams/a1.ts', '#shared/executions/execution-store.ts'),
  wrongLayer('shared/executions/a1.ts', '../../functions/dependencies.ts'),
  wrongLayer('shared/events/a1.ts', '#shared/llm/llm-provider.ts'),
  wrongLayer('shared/graphql/a1.ts', '#shared/webhooks/webhook-store.ts'),
  wrongLayer('functions/execute/a1.ts', '../../infra/app.ts'),
  wrongLayer('functions/execute/a2.ts', '../../shared/agents/agent-store.ts'),
  wrongLayer('functions/socket/a3.ts', '../http/response.ts'),
  wrongLayer('infra/a1.ts', '#shared/platform/config.ts'),
  wrongLayer('infra/stacks/a2.ts', '../../functions/execute/handler.ts'),
  wrongLayer('web/client/a1.ts', '#shared/platform/errors.ts'),
  wrongLayer('web/console/a2.ts', '../../localstack/start.ts'),
  wrongLayer('cli/a1.ts', '#shared/executions/execution-store.ts'),
  wrongLayer('localstack/a1.ts', '../infra/app.ts'),
  wrongLayer('bench/a1.ts', '../test/helpers/cloud.ts'),
  wrongLayer('scripts/a1.ts', '#shared/platform/errors.ts'),
  wrongLayer('test/unit/a1.ts', '../../shared/protocol/agent.ts'),
  {
    what: 'a layer crossed by import()',
    file: 'shared/agents/b1.ts',
    code: "export const later = () => import('#shared/executions/execution-store.ts')\n",
    report: LAYER,
  },
  {
    what: 'a layer crossed by export … from',
    file: 'shared/agents/b2.ts',
    code: "export { thing } from '#shared/executions/execution-store.ts'\n",
    report: LAYER,
  },
  {
    what: 'an SDK in a file not named by its technology',
    file: 'shared/streams/c1.ts',
    code: "import { SQSClient } from '@aws-sdk/client-sqs'\nexport const client = new SQSClient()\n",
    report: PLUGIN,
  },
  {
    what: 'an SDK loaded on demand in such a file',
    file: 'shared/llm/c2.ts',
    code: "export const load = () => import('openai')\n",
    report: PLUGIN,
  },
  {
    what: 'zod by a named import',
    file: 'shared/agents/d1.ts',
    code: "import { z } from 'zod'\nexport const name = z.string()\n",
    report: PLUGIN,
  },
  {
    what: 'a JSON Schema that handlers cannot generate',
    file: 'shared/agents/d3.ts',
    code: "import * as z from 'zod'\nexport const schema = z.toJSONSchema(z.string())\n",
    report: PLUGIN,
  },
  {
    what: 'a cast through unknown',
    file: 'shared/agents/d2.ts',
    code: 'export const number = (text: string) => text as unknown as number\n',
    report: PLUGIN,
  },
  {
    what: 'the environment read outside the configuration',
    file: 'shared/agents/e1.ts',
    code: 'export const stage = process.env.STAGE\n',
    report: ENVIRONMENT,
  },
  {
    what: 'a floating promise',
    file: 'shared/agents/f1.ts',
    code: 'const save = async () => 1\nexport function run() {\n  save()\n}\n',
    report: FLOATING,
  },
  {
    what: 'a floating promise of a port',
    file: 'shared/agents/f2.ts',
    code: "import type { Store } from './legal-store.ts'\nexport function run({ store }: { store: Store }) {\n  store.append()\n}\n",
    report: FLOATING,
  },
  {
    what: 'an import cycle',
    file: 'shared/agents/g1.ts',
    code: "import { two } from './g2.ts'\nexport const one = () => two\n",
    report: CYCLE,
  },
  {
    what: 'the other half of the cycle',
    file: 'shared/agents/g2.ts',
    code: "import { one } from './g1.ts'\nexport const two = () => one\n",
    report: CYCLE,
  },
  {
    what: 'any',
    file: 'shared/agents/h1.ts',
    code: 'export const open = (value: any) => value\n',
    report: 'lint/suspicious/noExplicitAny',
  },
  {
    what: 'a skipped test',
    file: 'test/unit/h2.test.ts',
    code: "import { it } from 'vitest'\nit.skip('later', () => undefined)\n",
    report: 'lint/suspicious/noSkippedTests',
  },
  {
    what: 'a focused test',
    file: 'test/unit/h3.test.ts',
    code: "import { it } from 'vitest'\nit.only('now', () => undefined)\n",
    report: 'lint/suspicious/noFocusedTests',
  },
]

const LEGAL: Omit<Fixture, 'report'>[] = [
  { what: 'a port', file: 'shared/agents/legal-store.ts', code: 'export type Store = { append(): Promise<void> }\n' },
  {
    what: 'a room on those below it',
    file: 'shared/executions/legal.ts',
    code: "import { one } from '#shared/agents/one.ts'\nimport { two } from '#shared/streams/two.ts'\nimport { three } from './three.ts'\nexport const all = [one, two, three]\n",
  },
  {
    what: 'zod as a namespace',
    file: 'shared/protocol/legal.ts',
    code: "import * as z from 'zod'\nimport { topicSchema } from './identifiers.ts'\nexport const schema = z.array(topicSchema)\n",
  },
  {
    what: 'an adapter on its SDK',
    file: 'shared/messaging/sqs-legal.ts',
    code: "import { SQSClient } from '@aws-sdk/client-sqs'\nexport const client = () => new SQSClient({})\n",
  },
  {
    what: 'an adapter loaded on demand',
    file: 'shared/llm/legal.ts',
    code: "export const load = () => import('./openai-llm-provider.ts')\n",
  },
  {
    what: 'awaited, returned and voided promises',
    file: 'shared/agents/legal.ts',
    code: "import type { Store } from './legal-store.ts'\nexport async function run({ store }: { store: Store }) {\n  await store.append()\n  void store.append()\n  return store.append()\n}\n",
  },
  {
    what: 'a function on rooms and its neighbours',
    file: 'functions/execute/legal.ts',
    code: "import { run } from '#shared/executions/run.ts'\nimport { dependencies } from '../dependencies.ts'\nexport const handler = () => run(dependencies)\n",
  },
  {
    what: 'infrastructure on the shared names',
    file: 'infra/stacks/legal.ts',
    code: "import { ENV } from '#shared/platform/names.ts'\nimport { stage } from '../stage-config.ts'\nexport const names = [ENV, stage]\n",
  },
  {
    what: 'the console on the client',
    file: 'web/console/legal.ts',
    code: "import type { Agent } from '#shared/protocol/agent.ts'\nimport { connect } from '../client/connect.ts'\nexport const open = (agent: Agent) => connect(agent)\n",
  },
  {
    what: 'the environment in the configuration',
    file: 'shared/platform/config.ts',
    code: 'export const environment = process.env\n',
  },
]

const reportSchema = z.object({
  diagnostics: z.array(z.object({ category: z.string(), location: z.object({ path: z.string() }).nullish() })),
})

/** Lints the fixtures where this repository's `biome.json` rules over them: in a folder that looks like it. */
async function lint(place: string, fixtures: Omit<Fixture, 'report'>[]): Promise<Map<string, string[]>> {
  for (const source of ['biome.json', 'package.json', '.gitignore', 'scripts/lint']) {
    await cp(source, join(place, source), { recursive: true })
  }
  for (const { file, code } of fixtures) {
    await mkdir(dirname(join(place, file)), { recursive: true })
    await writeFile(join(place, file), code)
  }
  const args = ['lint', '--reporter=json', '--max-diagnostics=none', '--vcs-root=.', '.']
  const output = await new Promise<string>((resolve) => {
    execFile('biome', args, { cwd: place, timeout: 20_000 }, (_error, stdout) => resolve(stdout))
  })
  const found = new Map<string, string[]>()
  for (const { category, location } of reportSchema.parse(JSON.parse(output)).diagnostics) {
    const file = location?.path ?? ''
    found.set(file, [...(found.get(file) ?? []), category])
  }
  return found
}

describe('the linter', () => {
  let place: string
  let found: Map<string, string[]>

  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'sluice-lint-'))
    found = await lint(place, [...ILLEGAL, ...LEGAL])
  })
  afterAll(() => rm(place, { recursive: true, force: true }))

  it.each(ILLEGAL)('reports $what', ({ file, report }) => {
    expect(found.get(file)).toEqual([report])
  })

  it.each(LEGAL)('accepts $what', ({ file }) => {
    expect(found.get(file)).toBeUndefined()
  })
})
