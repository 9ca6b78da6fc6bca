import * as z from 'zod'
import type { AgentContext } from '#shared/runtime/agent-context.ts'
import { defineAgent } from '#shared/runtime/define-agent.ts'

/** One reading of a device. A value is a number, or several by their names. */
const Reading = z.object({
  device_id: z.string().optional(),
  patient_id: z.string().min(1),
  reading_type: z.string().min(1),
  value: z.union([z.number(), z.record(z.string(), z.number())]),
  unit: z.string().optional(),
  timestamp: z.iso.datetime({ offset: true }).optional(),
})

const BloodPressure = Reading.extend({ value: z.object({ systolic: z.number().positive(), diastolic: z.number().positive() }) })

const Alert = z.looseObject({ alert: z.string().min(1) })

/** Systolic pressure in mmHg above which somebody is told. */
const HIGH_SYSTOLIC = 140

type PressureReading = z.infer<typeof BloodPressure>

/** Watches readings of devices, and tells of those that are too high. */
export const health = defineAgent({
  id: 'health',
  name: 'Health monitoring',
  description: 'Watches blood pressure, and forwards alerts to health_alerts.',
  agentType: 'health-monitor',
  implementation: 'deterministic',
  serviceName: 'health-monitoring',
  domain: 'health',
  capabilities: ['vitals', 'health-questions'],
  endpoints: [
    { path: '/analyze', taskType: 'analyze_health' },
    { path: '/vitals', taskType: 'process_vitals' },
  ],
  topics: ['health_data', 'alerts'],
  filters: { alerts: { type: ['ALERT_TRIGGERED'] } },
  llm: { provider: 'scripted', model: 'answer' },
  events: {
    blood_pressure: { input: BloodPressure, handle: checkPressure },
    ALERT_TRIGGERED: {
      input: Alert,
      async handle(alert, { publish }) {
        await publish('health_alerts', alert, { type: 'ALERT_TRIGGERED', priority: 10 })
      },
    },
  },
  tasks: {
    process_vitals: {
      input: z.object({ readings: z.array(BloodPressure).min(1).max(100) }),
      async handle({ readings }, context) {
        const results = []
        // One after the other: messages are known by their order.
        for (const reading of readings) results.push(await checkPressure(reading, context))
        return { readings: readings.length, alerts: results.filter(({ alert }) => alert).length }
      },
    },
    analyze_health: {
      input: z.object({ query: z.string().min(1), readings: z.array(Reading).max(100).default([]) }),
      async handle({ query, readings }, { llm, stream }) {
        const prompt = `${query}\n\nReadings: ${JSON.stringify(readings)}`
        for await (const delta of llm.stream({ prompt })) await stream.write(delta)
      },
    },
  },
})

async function checkPressure(reading: PressureReading, { publish }: AgentContext): Promise<{ alert: boolean }> {
  const alert = reading.value.systolic > HIGH_SYSTOLIC
  if (alert) await publish('alerts', { alert: 'high_blood_pressure', reading }, { type: 'ALERT_TRIGGERED', priority: 10 })
  return { alert }
}
