import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/** Adapters: the contract layer covers them, against the services. */
const ADAPTERS = [
  'api-gateway',
  'bedrock',
  'dynamo',
  'event-bridge',
  'memory',
  'openai',
  'powertools',
  's3',
  'secrets-manager',
  'sqs',
]

/** What a layer needs is started once, before its first file, by its own `global-setup.ts`, and stopped whatever ends the run. */
const globalSetup = (layers: string[]): string[] => [
  'test/helpers/stop-on-signal.ts',
  ...layers.map((layer) => `test/${layer}/global-setup.ts`).filter(existsSync),
]

/** Nothing a test does may reach an account: credentials are dummies, and the metadata service is never asked. */
const env = {
  POWERTOOLS_DEV: 'true',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_EC2_METADATA_DISABLED: 'true',
}

type Layer = {
  name: string
  folders?: string[]
  timeoutSeconds: number
  oneFileAtATime?: boolean
}

const layer = ({ name, folders = [name], timeoutSeconds, oneFileAtATime = false }: Layer) => ({
  test: {
    name,
    env,
    include: folders.map((folder) => `test/${folder}/**/*.test.ts`),
    globalSetup: globalSetup(folders),
    testTimeout: timeoutSeconds * 1_000,
    hookTimeout: timeoutSeconds * 2_000,
    // A second, as it is without this, is short on a busy machine.
    expect: { poll: { timeout: (timeoutSeconds * 2_000) / 3 } },
    fileParallelism: !oneFileAtATime,
    // Files of one worker share their modules, which takes half the time. What a file changes of the world it puts back itself.
    isolate: false,
    restoreMocks: true,
    // Its `graphql` must be the one that our code has: packages outside of Vite do without the condition "development".
    server: { deps: { inline: ['graphql-http'] } },
  },
})

export default defineConfig({
  test: {
    projects: [
      layer({ name: 'unit', timeoutSeconds: 15 }),
      layer({ name: 'architecture', timeoutSeconds: 30 }),
      layer({ name: 'faults', timeoutSeconds: 300 }),
      layer({ name: 'contract', timeoutSeconds: 30 }),
      layer({ name: 'infra', timeoutSeconds: 120 }),
      // Longer than the waits of a test together, of a minute each (`eventually`).
      layer({ name: 'deployed', folders: ['e2e', 'browser', 'outages'], timeoutSeconds: 180, oneFileAtATime: true }),
    ],
    coverage: {
      provider: 'v8',
      include: ['shared/**/*.ts'],
      exclude: ADAPTERS.map((technology) => `shared/**/${technology}-*.ts`),
      reporter: [['text', { skipFull: true }], 'lcov'],
      thresholds: { lines: 90, branches: 85 },
    },
  },
})
