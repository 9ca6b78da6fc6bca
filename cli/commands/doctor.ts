import { defineCommand, expectNoMore } from '../command.ts'
import { EXIT_CODE } from '../exit-code.ts'

const STYLE = { ok: 'green', warn: 'yellow', fail: 'red' } as const

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Checks what "npm start" and "npm test" need, and says what to do.',
  usage: [''],
  description:
    'ok: there · warn: not needed everywhere, the line says where · fail: needed and missing; the exit code is 1 then.',
  options: {},
  examples: ['npx sluice doctor', 'npx sluice doctor --json'],
  async run(values, positionals, { environment, signal, stdout }) {
    expectNoMore(positionals, 'doctor')
    const { examine } = await import('../doctor/examine.ts')
    const findings = await examine(environment, signal)
    if (values.json) stdout.line(JSON.stringify(findings))
    else {
      const width = Math.max(...findings.map(({ check }) => check.length))
      for (const { check, status, detail, advice } of findings) {
        stdout.line(`${stdout.style(STYLE[status], status.padEnd(4))}  ${check.padEnd(width)}  ${detail}`)
        if (advice !== undefined) stdout.line(`${' '.repeat(width + 8)}→ ${advice}`)
      }
    }
    return findings.some(({ status }) => status === 'fail') ? EXIT_CODE.failed : EXIT_CODE.ok
  },
})
