import { readFileSync } from 'node:fs'
import { format } from 'node:util'
import { runInNewContext } from 'node:vm'
import { assign, loadExperiment } from '@fairtrial/assignment'
import { AuditReport, defineExperiment } from '@fairtrial/protocol'
import { expect, it } from 'vitest'
import { audit, auditTable, profileUnits } from './index.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!)

it('the programs of the README print what stands under them', () => {
  const printed: string[] = []
  const console = { log: (...values: unknown[]) => printed.push(format(...values)) }
  const known = { assign, loadExperiment, defineExperiment, audit, auditTable, profileUnits, console }
  const programs = blocks('js')
    .join('')
    .replace(/^import .*$/gm, '')
  runInNewContext(`{${programs}}`, known)
  expect(`${printed.join('\n')}\n`).toBe(blocks('text').join(''))
})

it('the table of findings names every finding that there is', () => {
  const named = new Set([...readme.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code))
  const { code } = (AuditReport as unknown as Shape).shape.findings.element.shape
  expect(code.options.filter((option) => !named.has(option))).toEqual([])
})

interface Shape {
  readonly shape: {
    readonly findings: {
      readonly element: { readonly shape: { readonly code: { readonly options: string[] } } }
    }
  }
}
