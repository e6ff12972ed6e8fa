import * as z from 'zod'
import type { Problem } from './error.ts'
import { nearest } from './nearest.ts'
import { child, pathOf } from './path.ts'
import { show } from './show.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** What a schema found wrong in data: each with its place, its value, and what belongs there instead. */
export function schemaProblems(schema: z.ZodType, data: unknown, issues: readonly Issue[]): Problem[] {
  return issues
    .flatMap((issue) => flatten(issue, data))
    .flatMap((issue): Problem | Problem[] => {
      const value = valueAt(data, issue.path)
      const path = pathOf(issue.path)
      const { fields, meaning } = describe(schema, issue.path)
      if (issue.code !== 'unrecognized_keys') {
        return { path, value, message: messageOf(issue, value), remedy: meaning }
      }
      return issue.keys.map((key) => {
        if (fields.includes(key)) {
          const others = Object.keys(value as object).filter((other) => other !== key)
          return {
            path: child(path, key),
            value: valueAt(value, [key]),
            message: `Does not go with what stands beside it: ${others.join(', ')}.`,
            remedy: 'Leave one of them out.',
          }
        }
        const meant = nearest(key, fields)
        const remedy = meant ? `Did you mean ${meant}?` : `The fields are ${fields.join(', ')}.`
        return {
          path: child(path, key),
          value: valueAt(value, [key]),
          message: 'Is not a field here.',
          remedy,
        }
      })
    })
}

/** Of alternatives none of which fits, the one that comes nearest is meant, when any comes near. */
function flatten(issue: Issue, data: unknown): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const [nearestBranch] = issue.errors
    .map((branch) => branch.map((each): Issue => ({ ...each, path: [...issue.path, ...each.path] })))
    .map((branch) => ({ branch, misfits: branch.filter((each) => isMisfit(each, data, issue.path)).length }))
    .filter(({ branch, misfits }) => misfits < 2 && branch.every((each) => !isOtherwise(each, issue.path)))
    .sort((a, b) => a.misfits - b.misfits || a.branch.length - b.branch.length)
  return nearestBranch ? nearestBranch.branch.flatMap((each) => flatten(each, data)) : [issue]
}

/** A field too many or too few speaks against an alternative; a wrong value in the right field does not. */
function isMisfit(issue: Issue, data: unknown, at: Path): boolean {
  return issue.code === 'unrecognized_keys'
    ? issue.path.length === at.length
    : issue.path.length === at.length + 1 && valueAt(data, issue.path) === undefined
}

/** The whole is of another type than the alternative. */
function isOtherwise(issue: Issue, at: Path): boolean {
  return issue.path.length === at.length && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function messageOf(issue: Issue, value: unknown): string {
  if (value === undefined) return 'Is missing.'
  switch (issue.code) {
    case 'invalid_type':
      return `Must be ${noun(issue.expected)}, not ${show(value)}.`
    case 'too_small':
    case 'too_big':
      return `Must be ${boundOf(issue)}, not ${show(value)}.`
    case 'invalid_value':
      return `Must be ${issue.values.map(show).join(' or ')}, not ${show(value)}.`
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'Is not a name.'
    case 'invalid_union':
      return `${show(value)} has none of the forms that are known here.`
    default:
      return `${issue.message} It is ${show(value)}.`
  }
}

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const small = issue.code === 'too_small'
  const bound = small ? issue.minimum : issue.maximum
  const length = issue.origin === 'array' ? ' items' : issue.origin === 'string' ? ' characters' : ''
  if (issue.inclusive) return `at ${small ? 'least' : 'most'} ${bound}${length}`
  return `${small ? 'more' : 'less'} than ${bound}${length}`
}

function noun(expected: string): string {
  if (expected === 'int') return 'a whole number'
  if (expected === 'record') return 'an object'
  return `${/^[aeiou]/.test(expected) ? 'an' : 'a'} ${expected}`
}

/** What belongs in a place: its own description, or that of the nearest place around it; and its fields. */
function describe(schema: z.ZodType, path: Path): { fields: string[]; meaning: string } {
  let here: z.ZodType | undefined = schema
  let meaning: string | undefined
  for (const key of path) {
    here = here && step(here, key)
    meaning = here?.description ?? meaning
  }
  return { fields: here ? fieldsOf(here) : [], meaning: meaning ?? 'Look it up in the JSON Schema.' }
}

function step(schema: z.ZodType, key: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[key as string]
  if (schema instanceof z.ZodArray) return schema.element as z.ZodType
  if (schema instanceof z.ZodRecord) return schema.valueType as z.ZodType
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodLazy) {
    return step(schema.unwrap() as z.ZodType, key)
  }
  if (!(schema instanceof z.ZodUnion)) return undefined
  return (schema.options as z.ZodType[])
    .map((option) => step(option, key))
    .find((found) => found !== undefined)
}

function fieldsOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) {
    return schema.keyType.options.map(String)
  }
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodLazy) {
    return fieldsOf(schema.unwrap() as z.ZodType)
  }
  if (!(schema instanceof z.ZodUnion)) return []
  return [...new Set((schema.options as z.ZodType[]).flatMap(fieldsOf))]
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as { [name: PropertyKey]: unknown })[key]
        : undefined,
    data,
  )
}
