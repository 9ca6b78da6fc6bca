import { describe, expect, it } from 'vitest'
import { modelName } from '../../../web/console/model-name.ts'
import { aFunctionAgent, anAgent, aRemoteAgent } from '../../helpers/executions.ts'

describe('modelName', () => {
  it.each([
    [anAgent(), 'scripted-1'],
    [aFunctionAgent(), 'code of its own'],
    [aRemoteAgent({ endpoint: 'https://agents.example.com:8001/one' }), 'agents.example.com:8001'],
  ])('says what answers', (agent, name) => {
    expect(modelName(agent)).toBe(name)
  })
})
