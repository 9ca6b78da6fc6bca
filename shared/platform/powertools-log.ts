import { Logger } from '@aws-lambda-powertools/logger'
import type { Log } from './log.ts'

/** JSON log lines by Powertools: `message` is the code, fields stand beside it. */
export function powertoolsLog(serviceName: string): Log {
  const logger = new Logger({ serviceName })
  return {
    info: (code, fields = {}) => logger.info(code, fields),
    warn: (code, fields = {}) => logger.warn(code, fields),
    error: (code, fields = {}) => logger.error(code, fields),
  }
}
