import type { LocalCloud } from '../../../localstack/local-cloud.ts'
import { type Client, createClient } from '../../../web/client/index.ts'
import { type Summary, summarise } from '../../delays/statistics.ts'
import { describeMachine, type Machine } from '../../machine.ts'
import { startFlakyNetwork } from '../flaky-network.ts'
import { type ResumeSample, sampleResume } from './sample-resume.ts'
import { sampleStop } from './sample-stop.ts'

/** Milliseconds of real time on the deployed app. */
export type ResumeResult = {
  machine: Machine
  measuredOn: string
  resume: {
    socket: ResumeSummary
    sse: ResumeSummary
    /** From the press of the button, its request included, to the end of the model's call. */
    stopMs: Summary
    /** The same while the model says nothing. */
    silentStopMs: Summary
  }
}

export type ResumeSummary = Record<keyof ResumeSample, Summary>

const CUTS = 40
const CANCELS = 20
/** First samples, which fill caches and connections, and are not counted. */
const WARM_UPS = 2

type Tell = (line: string) => void

/** Breaks connections in mid-answer, and presses stop, one after the other. */
export async function measureResume(cloud: LocalCloud, tell: Tell): Promise<ResumeResult> {
  const socket = await cutAnswers(cloud, 'socket', tell)
  const sse = await cutAnswers(cloud, 'sse', tell)
  const stopMs = await pressStop(cloud, false, tell)
  const silentStopMs = await pressStop(cloud, true, tell)
  const machine = await describeMachine(cloud.endpointUrl)
  return { machine, measuredOn: new Date().toISOString().slice(0, 10), resume: { socket, sse, stopMs, silentStopMs } }
}

async function cutAnswers(cloud: LocalCloud, transport: 'socket' | 'sse', tell: Tell): Promise<ResumeSummary> {
  const network = await startFlakyNetwork(cloud.frontDoorUrl)
  const client = createClient({ baseUrl: network.url, token: () => cloud.token(), transports: [transport] })
  try {
    const samples = await repeat(CUTS, `${transport}: answers cut in the middle`, tell, () => sampleResume(client, network))
    return {
      fromCutMs: summarise(samples.map(({ fromCutMs }) => fromCutMs)),
      fromOpenMs: summarise(samples.map(({ fromOpenMs }) => fromOpenMs)),
    }
  } finally {
    client.close()
    await network.stop()
  }
}

async function pressStop(cloud: LocalCloud, silent: boolean, tell: Tell): Promise<Summary> {
  const client: Client = createClient({ baseUrl: cloud.frontDoorUrl, token: () => cloud.token(), transports: ['socket'] })
  const what = silent ? 'cancelled while the model is silent' : 'cancelled'
  try {
    return summarise(await repeat(CANCELS, what, tell, () => sampleStop(client, cloud.scriptedLlm.url, { silent })))
  } finally {
    client.close()
  }
}

/** One after the other. */
async function repeat<Sample>(times: number, what: string, tell: Tell, sample: () => Promise<Sample>): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let done = 0; done < WARM_UPS + times; done++) {
    if (done % 10 === 0) tell(`${what}: ${done} of ${WARM_UPS + times}`)
    samples.push(await sample())
  }
  return samples.slice(WARM_UPS)
}
