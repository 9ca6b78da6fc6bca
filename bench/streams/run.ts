import { LocalCloudError } from '../../localstack/local-cloud-error.ts'
import { OptionError } from '../options.ts'
import { brokenPromises, type CampaignResult, campaign } from './campaign/campaign.ts'
import { parseOptions, type StreamBenchOptions, USAGE } from './options.ts'
import { reportCampaign } from './report.ts'

/** Standard output is the result's. */
const tell = (line: string): void => console.error(line)

try {
  await main(parseOptions(process.argv.slice(2)))
} catch (error) {
  process.exitCode = 1
  if (error instanceof LocalCloudError) tell(`${error.message}\n  ${error.advice}`)
  else if (error instanceof OptionError) tell(`${error.message}\n\n${USAGE}`)
  else tell(error instanceof Error ? (error.stack ?? error.message) : String(error))
}

async function main(options: StreamBenchOptions): Promise<void> {
  if (options.help) return console.log(USAGE)
  const played = options.campaign ? await playCampaign(options) : undefined
  if (options.json) console.log(JSON.stringify({ ...played }, null, 2))
  else if (played) console.log(reportCampaign(played))
  if (played && brokenPromises(played).length > 0) process.exitCode = 1
}

async function playCampaign({ replies, seed }: StreamBenchOptions): Promise<CampaignResult> {
  let told = Date.now()
  const result = await campaign({
    replies,
    seed,
    onProgress(played) {
      if (Date.now() - told < 5_000) return
      told = Date.now()
      tell(`${played} of ${replies} replies played`)
    },
  })
  for (const problem of result.problems) tell(problem)
  return result
}
