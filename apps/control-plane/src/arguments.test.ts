import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

describe('arguments', () => {
  it('have defaults', () => {
    expect(readArguments(['--definition', 'a.json', '--definition', 'b.json'])).toEqual({
      help: false,
      definitions: ['a.json', 'b.json'],
      directory: '.fairtrial',
      port: 4600,
      leaseMs: 30_000,
      tickMs: 1000,
      newPhase: false,
    })
  })

  it.each([
    [[], 'There is no --definition'],
    [['--host', '0.0.0.0'], '--host'],
    [['--definition', 'a.json', '--lease-ms', 'x'], '--lease-ms is "x"'],
    [['--definition', 'a.json', '--lease-ms', '0'], 'from 100'],
    [['--definition', 'a.json', '--tick-ms', '-5'], '--tick-ms'],
    [['--definition', 'a.json', '--tick-ms', '0'], 'from 10'],
    [['--definition', 'a.json', '--port', '65536'], '--port is "65536"'],
    [['--definition', 'a.json', '--port', '1e3'], '--port is "1e3"'],
  ])('refuse %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(message)
  })
})
