import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.ts'

const given = (...args: readonly string[]) => readArguments(['--definition', 'a.json', ...args])

describe('arguments', () => {
  it('have defaults', () => {
    expect(given('--definition', 'b.json')).toEqual({
      help: false,
      definitions: ['a.json', 'b.json'],
      directory: '.fairtrial',
      host: '127.0.0.1',
      port: 4600,
      leaseMs: 30_000,
      tickMs: 1000,
      requireReadiness: false,
      newPhase: false,
    })
  })

  it('name brokers and files', () => {
    expect(given('--kafka', 'a:9092, b:9093', '--signing-key', 'key.pem', '--console', 'dist')).toMatchObject(
      {
        kafka: ['a:9092', 'b:9093'],
        landing: { patienceMs: 30_000 },
        signingKeyFile: 'key.pem',
        consoleFolder: 'dist',
      },
    )
  })

  it('say how long what stands in a topic may take', () => {
    const landing = { patienceMs: 90_000 }
    expect(given('--kafka', 'a:9092', '--landing-ms', '90000')).toMatchObject({ landing })
    expect(given()).not.toHaveProperty('landing')
  })

  it('name whom to tell, and where that may be', () => {
    const hosts = ['--allow-host', 'a.example', '--allow-private-host', '10.0.0.1']
    expect(
      given('--webhook', '@hook', '--slack', 'https://a.example/', '--webhook-secret-file', 'key', ...hosts),
    ).toMatchObject({
      receivers: [
        { url: '@hook', shape: 'json' },
        { url: 'https://a.example/', shape: 'slack' },
      ],
      webhookHosts: { allowed: ['a.example'], private: ['10.0.0.1'] },
      webhookSecretFile: 'key',
    })
    expect(given('--allow-private-host', 'b').webhookHosts).toEqual({ allowed: null, private: ['b'] })
  })

  it('say how long a log is kept', () => {
    expect(given('--retain', '90d')).toMatchObject({ retainMs: 90 * 86_400_000 })
    for (const age of ['0d', '59m', '90', 'x', ''])
      expect(() => given('--retain', age)).toThrow(`--retain is "${age}"`)
  })

  it('need no definition to verify a trail', () => {
    expect(readArguments(['--verify-trail', 'data'])).toMatchObject({ verifyTrail: 'data', definitions: [] })
    const hash = 'a'.repeat(64)
    expect(readArguments(['--verify-trail', 'data', '--trail-end', `12:${hash}`])).toMatchObject({
      trailEnd: { sequence: 12, hash },
    })
  })

  it.each([
    [[], 'There is no --definition'],
    [['--definition', 'a.json', '--lease-ms', 'x'], '--lease-ms is "x"'],
    [['--definition', 'a.json', '--lease-ms', '0'], 'from 100'],
    [['--definition', 'a.json', '--tick-ms', '-5'], '--tick-ms'],
    [['--definition', 'a.json', '--tick-ms', '0'], 'from 10'],
    [['--definition', 'a.json', '--port', '65536'], '--port is "65536"'],
    [['--definition', 'a.json', '--port', '1e3'], '--port is "1e3"'],
    [['--definition', 'a.json', '--kafka', 'a'], '--kafka is "a"'],
    [['--definition', 'a.json', '--landing-ms', '999'], 'from 1000'],
    [['--definition', 'a.json', '--no-such'], '--no-such'],
    [['--verify-trail', 'data', '--trail-end', 'abc'], '--trail-end is "abc"'],
    [['--definition', 'a.json', '--trail-end', `1:${'a'.repeat(64)}`], 'by --verify-trail only'],
  ])('refuse %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(message)
  })

  it.each(['0.0.0.0', '::', '192.168.1.7', 'example.org', '127.0.0.1.example.org', ''])(
    'FAULTS 62: refuse to listen on %j without tokens',
    (host) => {
      expect(() => given('--host', host)).toThrow('anybody there could do everything')
      expect(given('--host', host, '--tokens', 't.json')).toMatchObject({ host, tokensFile: 't.json' })
    },
  )

  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('listen on %s as it is', (host) => {
    expect(given('--host', host)).toMatchObject({ host })
  })
})
