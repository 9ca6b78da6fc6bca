import { expect, it, onTestFinished } from 'vitest'
import { startModelStopwatch } from '../../../bench/delays/model-stopwatch.ts'
import { startScriptedLlm } from '../../../localstack/scripted-llm/server.ts'

it('passes the answer on, and takes the time to its first token', async () => {
  const model = await startScriptedLlm({ port: 0 })
  onTestFinished(model.close)
  const stopwatch = await startModelStopwatch(model.url)
  onTestFinished(stopwatch.close)

  const response = await fetch(`${stopwatch.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'scripted', stream: true, messages: [{ role: 'user', content: '[[tokens=2 delay=50]]' }] }),
  })
  const text = await response.text()

  expect(text).toContain('data: [DONE]')
  const { askedAt, firstTokenAt } = stopwatch.last()
  expect(firstTokenAt - askedAt).toBeGreaterThanOrEqual(49)
})

it('has no time before the first call', async () => {
  const stopwatch = await startModelStopwatch('http://127.0.0.1:9/v1')
  onTestFinished(stopwatch.close)

  expect(() => stopwatch.last()).toThrow('the model was not asked')
})
