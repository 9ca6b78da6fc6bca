import { describe, expect, it } from 'vitest'
import { readFields } from '../../../cli/fields.ts'

it.each<[string[], unknown]>([
  [[], {}],
  [['name=Writer'], { name: 'Writer' }],
  [['maxConcurrency=3', 'autoStart=true', 'description=null'], { maxConcurrency: 3, autoStart: true, description: null }],
  [['llm.temperature=0.2', 'llm.model=m'], { llm: { temperature: 0.2, model: 'm' } }],
  [['topics=["a","b"]'], { topics: ['a', 'b'] }],
  [['prompts.system=a=b\nc'], { prompts: { system: 'a=b\nc' } }],
  [['description='], { description: '' }],
  [['llm=null', 'llm.model=m'], { llm: { model: 'm' } }],
])('%j are %j', (args, fields) => {
  expect(readFields(args)).toEqual(fields)
})

describe('refuses', () => {
  it.each([['name'], ['=x'], ['a..b=1'], ['.a=1'], ['__proto__.admin=true'], ['a.constructor=1']])('%s', (argument) => {
    expect(() => readFields([argument])).toThrow('is no field')
    expect({}).not.toHaveProperty('admin')
  })
})
