import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { homeRanking } from '../test/home-ranking.ts'
import { definitionSchema } from './experiment.ts'
import { jsonSchema } from './json-schema.ts'

describe('jsonSchema', () => {
  it('is what is committed and shipped: else run `pnpm schema`', () => {
    const shipped = readFileSync(new URL('../schemas/experiment.v1.json', import.meta.url), 'utf8')
    expect(JSON.parse(shipped)).toEqual(jsonSchema())
  })

  it('tells an editor every field, which are needed, and what each means', () => {
    const schema = jsonSchema() as any
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
    expect(Object.keys(schema.properties)).toEqual(Object.keys(definitionSchema.shape))
    expect(schema.required).toEqual([
      'key',
      'hypothesis',
      'unitType',
      'variants',
      'control',
      'metrics',
      'analysis',
      'ramp',
    ])
    expect(schema.additionalProperties).toBe(false)
    for (const [name, field] of Object.entries<any>(schema.properties)) {
      expect(field.description, name).toMatch(/\.$/)
    }
    const hypothesis = schema.properties.hypothesis
    expect(hypothesis.required).toEqual(Object.keys(homeRanking.hypothesis))
    expect(hypothesis.properties.horizon.pattern).toContain('ms|s|m|h|d')
    expect(schema.properties.metrics.propertyNames.pattern).toBe('^[A-Za-z0-9_.-]{1,128}$')
  })
})
