import { describe, expect, it } from 'vitest'
import { declarationOf } from '#shared/runtime/define-agent.ts'
import { runAgent } from '#shared/runtime/testing.ts'
import { health } from '../../../functions/agents/health/agent.ts'

const aReading = (systolic: unknown) => ({
  patient_id: 'p-1',
  reading_type: 'blood_pressure',
  value: { systolic, diastolic: 90 },
  unit: 'mmHg',
})

const bloodPressure = { type: 'blood_pressure', topic: 'health_data', messageId: 'm-1' }

describe('health', () => {
  it('tells of a systolic pressure of 141, and not of 140', async () => {
    const high = await runAgent(health, aReading(141), { message: bloodPressure })
    const normal = await runAgent(health, aReading(140), { message: bloodPressure })

    expect(high).toMatchObject({ status: 'completed', data: { alert: true } })
    expect(high.published).toMatchObject([
      { topic: 'alerts', type: 'ALERT_TRIGGERED', priority: 10, data: { alert: 'high_blood_pressure', reading: aReading(141) } },
    ])
    expect(normal).toMatchObject({ status: 'completed', data: { alert: false }, published: [] })
  })

  it('forwards alerts to health_alerts', async () => {
    const alert = { alert: 'high_blood_pressure', reading: aReading(141) }

    const { published } = await runAgent(health, alert, { message: { type: 'ALERT_TRIGGERED', topic: 'alerts' } })

    expect(published).toMatchObject([{ topic: 'health_alerts', type: 'ALERT_TRIGGERED', data: alert }])
  })

  it('processes several readings as one task', async () => {
    const readings = [aReading(120), aReading(150), aReading(160)]

    const run = await runAgent(health, { readings }, { message: { type: 'process_vitals' } })

    expect(run).toMatchObject({ status: 'completed', data: { readings: 3, alerts: 2 } })
    expect(run.published.map(({ data }) => data)).toMatchObject([{ reading: aReading(150) }, { reading: aReading(160) }])
  })

  it('answers a question about readings by its model', async () => {
    const run = await runAgent(health, { query: 'How is p-1?' }, { llm: ['Well.'], message: { type: 'analyze_health' } })

    expect(run).toMatchObject({ status: 'completed', text: 'Well.' })
  })

  it.each([[aReading('high')], [aReading(undefined)], [{ reading_type: 'blood_pressure' }], ['reading']])(
    'refuses a reading that is not valid: %j',
    async (reading) => {
      const run = await runAgent(health, reading, { message: bloodPressure })

      expect(run).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'validation_error' }, published: [] })
      expect(run.deadLetters).toHaveLength(1)
    },
  )

  it.each(['heart_rate', 'toString', undefined])('does not know the type %s', async (type) => {
    const run = await runAgent(health, aReading(141), { message: type === undefined ? {} : { type } })

    expect(run).toMatchObject({ status: 'failed', attempt: 1, error: { code: 'unsupported_task_type' }, deadLetters: [] })
    expect(run.error?.detail).toContain('process_vitals')
  })

  it('tells the registry what it is, and by which paths it is asked', () => {
    expect(declarationOf(health)).toMatchObject({
      agentId: 'health',
      agentType: 'health-monitor',
      domain: 'health',
      capabilities: ['vitals', 'health-questions'],
      taskTypes: ['process_vitals', 'analyze_health', 'blood_pressure', 'ALERT_TRIGGERED'],
      endpoints: [
        { path: '/analyze', taskType: 'analyze_health' },
        { path: '/vitals', taskType: 'process_vitals' },
      ],
    })
  })
})
