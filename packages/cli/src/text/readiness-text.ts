import type { ReadinessReport } from '@fairtrial/protocol'
import { wrap } from './wrap.ts'

/** Whether a trial may begin, for people: each check, with what to do where it has not passed. */
export function readinessText(report: ReadinessReport): string {
  const { experiment, fingerprint, ready, checks } = report
  const passed = checks.filter((check) => check.passed)
  return [
    `${experiment} may ${ready ? 'begin' : 'not begin yet'}: ${passed.length} of ${checks.length} checks have passed`,
    `  fingerprint ${fingerprint}`,
    ...checks.flatMap(({ check, passed: hasPassed, detail, remedy }) => [
      wrap(`${check}: ${detail}`, hasPassed ? '  ✓ ' : '  ✗ ', HANGING),
      ...(hasPassed ? [] : [wrap(remedy, `${HANGING}→ `, `${HANGING}  `)]),
    ]),
  ].join('\n')
}

const HANGING = ' '.repeat(4)
