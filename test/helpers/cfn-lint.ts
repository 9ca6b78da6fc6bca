import { ensurePythonTool } from './python-tool.ts'

/** Path of the cfn-lint that `infra/requirements.txt` pins. */
export const ensureCfnLint = (): Promise<string> =>
  ensurePythonTool({ command: 'cfn-lint', requirements: 'infra/requirements.txt' })
