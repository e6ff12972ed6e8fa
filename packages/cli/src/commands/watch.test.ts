import type { ServerResponse } from 'node:http'
import { Readable, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ABORTED, type Asked, fakePlane, UNPROVED, viewOf } from '../../test/fake-plane.ts'
import { NOW } from '../../test/terminal.ts'
import type { Console } from '../console.ts'
import { type WatchOptions, watch } from './watch.ts'

const PROVED = { ...UNPROVED, proved: true, servedForMs: 80, waitingFor: [] }
const PACE = { pollMs: 5, liveMs: 60_000, listenAgainMs: 60_000 }

/** Where a test reads what was written. */
function terminal(properties: object = {}) {
  const written = { stdout: '', stderr: '' }
  const streamOf = (name: 'stdout' | 'stderr') =>
    Object.assign(
      new Writable({
        write(chunk: Buffer, _encoding, done) {
          written[name] += chunk.toString()
          done()
        },
      }),
      properties,
    )
  const console: Console = {
    stdin: Readable.from([]),
    stdout: streamOf('stdout'),
    stderr: streamOf('stderr'),
    now: () => NOW,
  }
  return { console, written }
}

function watching(url: string, options: Partial<WatchOptions> = {}, properties: object = {}) {
  const ended = new AbortController()
  const { console, written } = terminal(properties)
  const given = { url, isColoured: true, signal: ended.signal, pace: PACE, ...options }
  return { ended, written, done: watch(console, 'home-ranking', given) }
}

/** A stream of changes that a test writes. */
function streaming(response: ServerResponse): (event: string, data: object) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  return (event, data) => void response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

const isStream = ({ url }: Asked) => url === '/v1/stream'

const withoutColour = (text: string) =>
  ['0', '1', '31', '32'].reduce((rest, code) => rest.replaceAll(`\u001b[${code}m`, ''), text)

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('watch', () => {
  it('looks again when it is told of a change, and ends when a rollback is proved', async () => {
    const views = [
      await viewOf(),
      await viewOf({ state: ABORTED, proof: UNPROVED }),
      await viewOf({ state: ABORTED, proof: PROVED }),
    ]
    let at = 0
    let tell: ReturnType<typeof streaming> | null = null
    const { url, asked } = await fakePlane((one, response) => {
      if (!isStream(one)) return [200, views[at]]
      tell = streaming(response)
      tell('beat', {})
      return null
    })
    const { written, done } = watching(url)
    await until(() => asked.filter((one) => !isStream(one)).length === 2) // at first, and when the stream opens
    at = 1
    tell!('change', { experiment: 'another', revision: 9, at: NOW })
    tell!('change', { experiment: 'home-ranking', revision: 2, at: NOW })
    await until(() => written.stdout.includes('not proved'))
    at = 2
    tell!('change', { experiment: 'home-ranking', revision: 2, at: NOW })
    expect(await done).toBe(3)
    expect(written.stdout.split('\n')).toEqual([
      '2026-01-31T00:00:00.000Z  running  stage 1/1  100 %  Phase 1 starts with 100 % of eligible units.',
      '2026-01-31T00:00:00.000Z  aborted  stage 1/1    0 %  By hand.  rollback not proved',
      '2026-01-31T00:00:00.000Z  aborted  stage 1/1    0 %  By hand.  rollback proved',
      '',
    ])
    expect(asked.filter((one) => !isStream(one))).toHaveLength(4)
    expect(written.stderr).toBe('')
  })

  it('asks where nothing is told, says so once, and prints what has changed alone', async () => {
    const running = await viewOf()
    const shipped = await viewOf({
      state: { status: 'shipped', revision: 2, shippedVariant: 'model', cause: 'Better.' },
    })
    let looks = 0
    const { url } = await fakePlane((one) => {
      if (isStream(one)) return [404, {}]
      looks++
      return looks === 3 ? [503, { detail: 'The disk is gone.' }] : [200, looks > 5 ? shipped : running]
    })
    const { written, done } = watching(url)
    expect(await done).toBe(0)
    expect(written.stdout.split('\n')).toHaveLength(3)
    const lines = written.stderr.trimEnd().split('\n')
    expect(lines.map((line) => line.slice(0, 60))).toEqual([
      'fairtrial: not live: changes are asked for, not told.',
      expect.stringContaining('fairtrial: not live: The control plane at'),
      'fairtrial: not live: changes are asked for, not told.',
    ])
    expect(lines[1]).toContain('answered 503: The disk is gone.')
  })

  it('is drawn anew in place on a terminal, with its status in colour unless NO_COLOR', async () => {
    const running = await viewOf({
      decision: {
        action: 'continue',
        rule: 'stage-time',
        revision: 1,
        decidedAt: NOW,
        reasons: ['Too soon \u001b[2J.'],
        changesWhen: ['An advance: when the time is over.'],
      },
    })
    const aborted = await viewOf({ state: ABORTED, proof: PROVED })
    const show = async (isColoured: boolean) => {
      let looks = 0
      const { url } = await fakePlane((one) =>
        isStream(one) ? [404, {}] : [200, ++looks > 1 ? aborted : running],
      )
      const { written, done } = watching(url, { isColoured }, { isTTY: true, rows: 50, columns: 0 })
      expect(await done).toBe(3)
      return written.stdout
    }
    const drawn = await show(true)
    expect(drawn.startsWith('\u001b[1mhome-ranking: \u001b[32mrunning\u001b[0m, stage 1 of 1, ')).toBe(true)
    expect(drawn).toContain('  NOT LIVE')
    expect(drawn).toContain('Too soon \\u{1b}[2J.')
    expect(drawn).toContain('An advance: when the time is over.')
    const [first = ''] = drawn.split('\u001b[J')
    const height = first.split('\n').length - 1
    expect(drawn).toContain(`\u001b[${height}F\u001b[J\u001b[1mhome-ranking: \u001b[31maborted\u001b[0m`)
    expect(drawn).toContain('rollback proved')
    const plain = await show(false)
    expect(plain).toBe(withoutColour(drawn))
  })

  it('cuts off what would leave a small terminal, for it could not be wiped off', async () => {
    const view = await viewOf({ state: { status: 'shipped', revision: 2 } })
    const { url } = await fakePlane((one) => (isStream(one) ? [404, {}] : [200, view]))
    const { written, done } = watching(url, {}, { isTTY: true, rows: 3, columns: 20 })
    expect(await done).toBe(0)
    const lines = withoutColour(written.stdout).split('\n')
    expect(lines).toHaveLength(3)
    expect(Math.max(...lines.map((line) => line.length))).toBe(20)
  })

  it('prints documents, a line each, with --json; ends when it is interrupted', async () => {
    const view = await viewOf()
    const { url } = await fakePlane((one) => (isStream(one) ? [404, {}] : [200, view]))
    const { ended, written, done } = watching(url, { json: true })
    await until(() => written.stdout.includes('\n'))
    ended.abort()
    expect(await done).toBe(4)
    expect(JSON.parse(written.stdout)).toEqual(JSON.parse(JSON.stringify(view)))
  })

  it('rejects where nothing was ever seen, and where it is refused', async () => {
    const gone = await fakePlane(() => [404, 'Not found'])
    await expect(watching(gone.url).done).rejects.toMatchObject({ code: 'unreachable' })
    const refusing = await fakePlane(() => [403, { detail: 'No.' }])
    await expect(watching(refusing.url).done).rejects.toMatchObject({ code: 'refused' })
  })
})
