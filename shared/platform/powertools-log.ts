import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from './log.ts'
import { stageRedactor } from './redact.ts'

/** JSON log lines by Powertools: `message` is the code, fields stand beside it. Keys, and what the stage's patterns fit, are taken out of every text. */
export function powertoolsLog(serviceName: string, redact: (text: string) => string = stageRedactor()): Log {
  const jsonReplacerFn = (_name: string, value: unknown): unknown => (typeof value === 'string' ? redact(value) : value)
  const logger = new Logger({ serviceName, jsonReplacerFn })
  return {
    info: (code, fields = {}) => logger.info(code, fields),
    warn: (code, fields = {}) => logger.warn(code, fields),
    error: (code, fields = {}) => logger.error(code, fields),
  }
}
