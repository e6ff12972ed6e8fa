import { describe, expect, it } from 'vitest'
import { batch, eventsOf, localPlane, NDJSON } from '../../test/local-plane.ts'
import { createCounter } from './counter.ts'
import { metricsText } from './metric.ts'

describe('metrics', () => {
  it("are written in Prometheus' text format, whatever is in a label", () => {
    const counter = createCounter('fairtrial_things_total', 'Things,\nof \\ kinds.')
    counter.add({ kind: 'a "quoted"\n\\ one' })
    counter.add({ kind: 'a "quoted"\n\\ one' }, 2)
    counter.add({ kind: 'b' })
    const gauge = {
      name: 'fairtrial_most',
      help: 'Most.',
      type: 'gauge',
      samples: [{ value: Infinity }],
    } as const
    expect(metricsText([counter.read(), gauge])).toBe(
      [
        '# HELP fairtrial_things_total Things,\\nof \\\\ kinds.',
        '# TYPE fairtrial_things_total counter',
        'fairtrial_things_total{kind="a \\"quoted\\"\\n\\\\ one"} 3',
        'fairtrial_things_total{kind="b"} 1',
        '# HELP fairtrial_most Most.',
        '# TYPE fairtrial_most gauge',
        'fairtrial_most +Inf',
        '',
      ].join('\n'),
    )
  })

  it('tell what a control plane does, by keys and fixed words only', async () => {
    const plane = await localPlane()
    try {
      await plane.post('/v1/events', batch(eventsOf(['viewer-1'])), NDJSON)
      await plane.post('/v1/events', batch(eventsOf(['viewer-1'])), NDJSON)
      await plane.get('/v1/state', { 'fairtrial-instance': 'a' })
      for (const path of ['/no/such/path', '/nor/this', '/v1/experiments/nothing-like-it'])
        await plane.get(path)
      const read = async () => (await plane.get('/metrics')).text()
      await expect.poll(read).toContain('fairtrial_ticks_total{experiment="home-row",look="succeeded"}')
      const order = JSON.stringify({ by: 'ada', reason: 'Complaints.' })
      await plane.post('/v1/experiments/home-row/abort', order)
      const text = await read()
      for (const line of [
        'fairtrial_events_total{result="accepted"} 2',
        'fairtrial_events_total{result="duplicate"} 2',
        'fairtrial_requests_total{route="none",status="404"} 2',
        'fairtrial_requests_total{route="GET /v1/experiments/:key",status="404"} 1',
        'fairtrial_requests_total{route="POST /v1/events",status="200"} 2',
        'fairtrial_instances 1',
        'fairtrial_rollout_status{experiment="home-row",status="aborted"} 1',
        'fairtrial_rollout_traffic_percent{experiment="home-row"} 0',
        'fairtrial_transitions_total{experiment="home-row",by="operator"} 1',
        'fairtrial_state_readers 0',
      ]) {
        expect(text.split('\n')).toContain(line)
      }
      // A look may have come between, and held.
      expect(text).toMatch(/^fairtrial_rollout_revision\{experiment="home-row"\} [23]$/m)
      expect(text).not.toMatch(/viewer-1|such|nothing-like-it|ada|Complaints/)
    } finally {
      await plane.close()
      await plane.remove()
    }
  })

  it('tell how long a rollback took to be proved', async () => {
    const plane = await localPlane()
    try {
      const order = JSON.stringify({ by: 'ada', reason: 'Complaints.' })
      await plane.post('/v1/experiments/home-row/abort', order)
      await expect
        .poll(async () => (await plane.get('/metrics')).text(), { timeout: 20_000 })
        .toMatch(/^fairtrial_rollback_proved_seconds\{experiment="home-row"\} [\d.]+$/m)
    } finally {
      await plane.close()
      await plane.remove()
    }
  })
})
