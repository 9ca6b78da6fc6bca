import { functionOutput, platformName, serviceSecretName } from '#shared/platform/names.ts'
import { secretsManagerClient } from '../../localstack/aws-clients.ts'
import { output } from '../../localstack/deploy/outputs.ts'
import type { LocalCloud } from '../../localstack/local-cloud.ts'
import { putSecret } from '../../localstack/secrets.ts'
import { createClient } from '../../web/client/index.ts'
import { deployBarePath } from './bare/deploy-bare-path.ts'
import { type BareSample, openBareClient } from './bare-sample.ts'
import { type FirstFrameParts, type ModelPause, platformDelay, sampleFirstFrame } from './first-frame-sample.ts'
import { freshContainers } from './fresh-containers.ts'
import { startModelStopwatch } from './model-stopwatch.ts'
import { pauseChangeStreams } from './pause-change-streams.ts'
import { percentile, rounded, type Summary, summarise } from './statistics.ts'

/** First samples, which fill caches and connections, and are not counted. */
const WARM_UPS = 3
const SERVICE = 'bench-delays'
const AGENT_ID = 'bench-delays'

/** Milliseconds, over warm or over fresh containers. */
export type Delays = {
  /** Accepted request → first frame, without the model. */
  firstFrame: Summary
  /** The same from the moment the client sends the request. */
  fromRequest: Summary
  /** Message sent → frame, over the bare path. */
  barePath: Summary
  /** Medians. */
  parts: FirstFrameParts
}

export type DelayOptions = { warmSamples: number; coldSamples: number }

/** Measures the deployed app and the bare path in turns, so that whatever else the machine does falls on both. */
export async function measureDelays(
  cloud: LocalCloud,
  { warmSamples, coldSamples }: DelayOptions,
): Promise<{ warm: Delays; cold: Delays; instantModel: Delays }> {
  const stopwatch = await startModelStopwatch(cloud.scriptedLlm.url)
  const path = await deployBarePath(cloud, cloud.outputs)
  const bare = await openBareClient(cloud, path)
  const client = createClient({ baseUrl: cloud.frontDoorUrl, token: await cloud.token() })
  const functions = (['http', 'socket', 'execute'] as const).map((name) => output(cloud.outputs, functionOutput(name)))
  const resumeStreams = await pauseChangeStreams(cloud)
  try {
    await registerAgent(cloud, stopwatch.url)
    client.connect()
    const pair = async (pause: ModelPause = 'thinking'): Promise<Pair> => {
      const bareSample = await bare.sample()
      const { postMs } = bareSample
      return { bare: bareSample, parts: await sampleFirstFrame(client, AGENT_ID, stopwatch, { pause, postMs }) }
    }
    await repeat(WARM_UPS, () => pair())
    const warm = await repeat(warmSamples, () => pair())
    const instantModel = await repeat(warmSamples, () => pair('instant'))
    const cold = await repeat(coldSamples, async () => {
      await freshContainers(cloud, [...functions, path.functionName])
      return pair()
    })
    return { warm: delaysOf(warm), cold: delaysOf(cold), instantModel: delaysOf(instantModel) }
  } finally {
    await resumeStreams()
    client.close()
    bare.close()
    await stopwatch.close()
  }
}

type Pair = { bare: BareSample; parts: FirstFrameParts }

function delaysOf(pairs: Pair[]): Delays {
  const median = (part: keyof FirstFrameParts) =>
    rounded(
      percentile(
        pairs.map(({ parts }) => parts[part]),
        50,
      ),
    )
  return {
    firstFrame: summarise(pairs.map(({ parts }) => platformDelay(parts))),
    fromRequest: summarise(pairs.map(({ parts }) => parts.door + platformDelay(parts))),
    barePath: summarise(pairs.map(({ bare }) => bare.totalMs)),
    parts: {
      door: median('door'),
      queue: median('queue'),
      start: median('start'),
      model: median('model'),
      log: median('log'),
      post: median('post'),
    },
  }
}

async function registerAgent(cloud: LocalCloud, modelUrl: string): Promise<void> {
  const secrets = secretsManagerClient(cloud)
  const secret = JSON.stringify({ apiKey: 'bench', baseUrl: modelUrl })
  await putSecret(secrets, serviceSecretName(platformName('local'), SERVICE), secret).finally(() => secrets.destroy())
  const response = await fetch(`${cloud.frontDoorUrl}/v1/agents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await cloud.token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      agentId: AGENT_ID,
      name: 'Bench',
      llm: { provider: 'openai', model: 'scripted', service: SERVICE },
      autoStart: true,
    }),
    signal: AbortSignal.timeout(30_000),
  })
  if (!response.ok) throw new Error(`the agent was refused (${response.status}): ${await response.text()}`)
}

/** One after the other. */
async function repeat<Result>(times: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let done = 0; done < times; done++) results.push(await work())
  return results
}
