import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { defineExperiment, parseDefinition } from './define.ts'
import { ExperimentError } from './error.ts'
import { hypothesisSentence } from './hypothesis-sentence.ts'
import { lint } from './lint.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const block = (language: string, index = 0) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))][index]![1]!

/** The literal that the README gives to defineExperiment: plain data, so it can be read as it stands. */
const definition = () => {
  const [, literal] = /defineExperiment\((\{.*?\n\})\)/s.exec(block('ts'))!
  return runInNewContext(`(${literal})`)
}

it('the program of the README prints what stands under it', () => {
  const experiment = defineExperiment(definition())
  const findings = lint(experiment).map(
    ({ code, path, detail, remedy }) => `${path} ${code}: ${detail} ${remedy}`,
  )
  const printed = [hypothesisSentence(experiment), experiment.fingerprint, ...findings]
  expect(`${printed.join('\n')}\n`).toBe(block('text'))
})

it('the failing check of the README fails so', () => {
  const broken = definition()
  delete broken.hypothesis.population
  broken.variants[1].weight = 0.5
  broken.control = 'contorl'
  broken.guardrials = []
  broken.metrics.latency.window = '60d'
  let message = ''
  try {
    parseDefinition(broken)
  } catch (error) {
    if (error instanceof ExperimentError) message = error.message
  }
  expect(`${message}\n`).toBe(block('text', 1))
})

it('the YAML of the README is the same definition', () => {
  expect(parseDefinition(parse(block('yaml')))).toEqual(defineExperiment(definition()))
})
