import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { startScriptedLlm } from './server.ts'

const USAGE = `Usage: node localstack/scripted-llm/main.ts [--port 4577] [--host 127.0.0.1] [--rate 100]

Serves OpenAI's chat completions with made-up answers. --rate is in tokens per second, 0 without pause.`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4577' },
    host: { type: 'string', default: '127.0.0.1' },
    rate: { type: 'string', default: '100' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) {
  console.log(USAGE)
} else {
  const server = await startScriptedLlm({ port: Number(values.port), host: values.host, switches: { rate: Number(values.rate) } })
  console.log(`scripted LLM on ${server.url}`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await server.close()
}
