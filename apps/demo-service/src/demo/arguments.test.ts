import { expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

it.each([
  [[], { kind: 'run', scenario: 'harmful', seed: 7, keep: false }],
  [
    ['--scenario', 'healthy', '--seed', '3', '--keep'],
    { kind: 'run', scenario: 'healthy', seed: 3, keep: true },
  ],
  [['--help'], { kind: 'help' }],
])('%j', (args, wanted) => {
  expect(readArguments(args)).toEqual(wanted)
})

it.each([
  [['--scenario', 'toString'], 'not one of harmful, healthy, broken-logging'],
  [['--seed', 'x'], '--seed "x"'],
  [['--seed', '-1'], '--seed'],
  [['--speed', '2'], '--speed'],
  [['healthy'], 'healthy'],
])('%j is refused', (args, message) => {
  expect(readArguments(args)).toMatchObject({ kind: 'wrong', message: expect.stringContaining(message) })
})
