import { describe, expect, it } from 'vitest'
import { taskInput, taskView } from '../../../../../functions/http/aliases/task-view.ts'
import { anExecution } from '../../../../helpers/executions.ts'

describe('taskView', () => {
  it.each(['queued', 'running', 'waiting_input'] as const)('says that a task that is %s is processing', (status) => {
    expect(taskView(anExecution({ status }))).toEqual({ status: 'processing', result: null, error: null })
  })

  it('shows what an agent returned', () => {
    const output = { text: '{"processed":true}', data: { processed: true } }

    expect(taskView(anExecution({ status: 'completed', output }))).toEqual({
      status: 'completed',
      result: { processed: true },
      error: null,
    })
  })

  it('shows the text of one that returned nothing', () => {
    const view = taskView(anExecution({ status: 'completed', output: { text: 'A gate.' } }))

    expect(view).toMatchObject({ status: 'completed', result: { text: 'A gate.' } })
  })

  it.each([
    ['failed', 'provider_error'],
    ['timed_out', 'timeout'],
    ['cancelled', 'cancelled'],
    ['expired', 'expired'],
  ] as const)('says that a task that has %s failed, and why', (status, code) => {
    const view = taskView(anExecution({ status, error: { code, detail: 'so it is' } }))

    expect(view).toEqual({ status: 'failed', result: null, error: `${code}: so it is` })
  })
})

describe('taskInput', () => {
  const task = { task_type: 'sum', payload: { numbers: [1, 2] } }

  it.each(['function', 'remote'] as const)('gives the data to an agent of the kind %s as it is', (kind) => {
    expect(taskInput({ kind }, task.payload, task)).toEqual({ numbers: [1, 2] })
  })

  it('gives the whole task as a text to an agent without code', () => {
    expect(taskInput({ kind: 'llm' }, task.payload, task)).toEqual({ content: JSON.stringify(task) })
  })

  it('gives a text that is there already to an agent without code', () => {
    const payload = { content: 'What is one and two?' }

    expect(taskInput({ kind: 'llm' }, payload, { ...task, payload })).toEqual(payload)
  })
})
