/** Synthesises every stage into `cdk.out/<stage>`, as the CDK CLI would, and fails on findings of cdk-nag. No account is needed. */
import { readFileSync } from 'node:fs'
import { run } from './run.ts'

const STAGES = ['local', 'dev', 'staging', 'prod']

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'))
for (const stage of STAGES) {
  const env = {
    CDK_OUTDIR: `cdk.out/${stage}`,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, stage }),
    AWS_ENDPOINT_URL: '',
  }
  const { code, output, seconds } = await run('node', ['infra/app.ts'], { env, limitSeconds: 60 })
  if (code === 0) {
    console.log(`${stage}: ${seconds.toFixed(1)} s`)
    continue
  }
  console.error(`${stage}: not clean\n${output}`)
  process.exitCode = 1
}
