import { assign, loadExperiment } from '@fairtrial/assignment'
import { createTopics, kafkaForTests, uniqueTopic } from '@fairtrial/brokers'
import { createRecorder } from '@fairtrial/exposure'
import { kafkajsLibrary, kafkaSink, topicsOf } from '@fairtrial/exposure/kafka'
import { segmentSink } from '@fairtrial/exposure/segments'
import type { DryRunReport } from '@fairtrial/fidelity'
import { ReadinessReport } from '@fairtrial/protocol'
import { startRollout } from '@fairtrial/rollout'
import { describe, expect, it } from 'vitest'
import { readDefinition } from '../src/definition-file.ts'
import { fairtrial, folderWith, NOW } from './terminal.ts'
import { trial } from './trial.ts'

const kafka = await kafkaForTests()

/** A trial of so many viewers, once in topics of a prefix and once in a directory, by the same recorder's doing. */
async function trialOf(viewers: number, now: () => number = () => NOW) {
  const path = folderWith({ 'trial.json': JSON.stringify(trial) })
  const prefix = uniqueTopic('cli')
  const topics = topicsOf(prefix)
  await createTopics(
    kafka.brokers,
    Object.values(topics).map((topic) => ({ topic, partitions: 4 })),
  )
  const experiment = await readDefinition(path('trial.json'))
  const state = { ...startRollout(experiment, { now: NOW }), trafficPercent: 100 }
  const loaded = loadExperiment(experiment, state)
  const sinks = [
    kafkaSink({ library: kafkajsLibrary({ brokers: kafka.brokers }), topics }),
    segmentSink({ directory: path('log'), producerId: 'api-1' }),
  ]
  for (const sink of sinks) {
    const recorder = createRecorder({ producerId: 'api-1', sink, clock: { now } })
    for (let n = 0; n < viewers; n++) {
      const unit = { unitType: 'viewer', unitId: `viewer-${n}` }
      recorder.expose(assign(loaded, unit))
      recorder.track({ ...unit, name: 'watched', value: n % 7 })
      if (n % 500 === 0) await recorder.flush()
    }
    await recorder.close()
  }
  return {
    path,
    file: path('trial.json'),
    kafka: ['--kafka', kafka.brokers.join(), '--topic-prefix', prefix],
    log: ['--log', path('log')],
  }
}

describe.skipIf(kafka.isMissing)('--kafka', () => {
  it('audits and analyzes topics as it does a directory of the same events', async () => {
    const at = await trialOf(2_000)
    for (const command of ['audit', 'analyze']) {
      const args = [command, at.file, '--as-of', String(NOW + 60_000), '--json']
      const [topics, directory] = [
        await fairtrial([...args, ...at.kafka]),
        await fairtrial([...args, ...at.log]),
      ]
      expect(topics.stderr).toBe('')
      expect(topics.code).toBe(directory.code)
      const counts = ({ document }: typeof topics) => (command === 'audit' ? document : document.audit).counts
      // Delivery is at least once: a line may be there again.
      const { uniqueExposures, replayed, replayMismatches, missingEvents } = counts(topics)
      expect({ uniqueExposures, replayed, replayMismatches, missingEvents }).toEqual({
        uniqueExposures: 2_000,
        replayed: counts(directory).replayed,
        replayMismatches: 0,
        missingEvents: 0,
      })
      if (command === 'analyze') expect(topics.document.units).toEqual(directory.document.units)
    }
  })

  it('FEATURES A11: takes topics for a dry run, and sees how late events came', async () => {
    const now = () => Date.now()
    const at = await trialOf(600, now)
    const lock = ['--lock', at.path('dry-run.lock')]
    expect((await fairtrial(['analyze', at.file, ...at.kafka, ...lock], '', now)).stderr).toBe('')
    const { code, document } = await fairtrial(['ready', at.file, ...at.kafka, ...lock, '--json'], '', now)
    expect(code).toBe(4)
    const { checks } = ReadinessReport.parse(document)
    const failed = checks.filter(({ passed }) => !passed)
    expect(failed.map(({ check }) => check)).toEqual(['contract-test', 'metric-freshness'])
    expect(failed[1]!.detail).toMatch(
      /^Metric start\.rate: no event in control \(\d+ units\), model \(\d+ units\)\.$/,
    )
    const { metrics } = failed[1]!.evidence as unknown as { metrics: DryRunReport['metrics'] }
    const { events, received, late } = metrics.find(({ metric }) => metric === 'watched')!.arms['model']!
    expect({ received, late }).toEqual({ received: events, late: 0 })
    const elsewhere = [...at.kafka.slice(0, 2), '--topic-prefix', 'elsewhere']
    expect(await fairtrial(['ready', at.file, ...elsewhere, ...lock], '', now)).toMatchObject({ code: 2 })
  })

  it('tails topics, and goes on with what comes', async () => {
    const at = await trialOf(10)
    const { code, stdout } = await fairtrial(['tail', ...at.kafka, '--unit', 'viewer-3', '--json'])
    expect(code).toBe(0)
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    // Delivery is at least once: a line may be there again.
    expect(new Set(lines.map(({ schema }) => schema))).toEqual(
      new Set(['fairtrial.exposure/1', 'fairtrial.outcome/1']),
    )
    expect(await fairtrial(['tail', ...at.kafka, '--follow', '--limit', '20'])).toMatchObject({ code: 0 })
  })

  it('exits 2 where there are no such topics, and 6 where no broker answers', async () => {
    const nowhere = await fairtrial(['tail', '--kafka', kafka.brokers.join(), '--topic-prefix', 'nowhere'])
    expect(nowhere.stderr).toContain('Kafka has no topic nowhere.')
    expect(nowhere.code).toBe(2)
    const nobody = await fairtrial(['tail', '--kafka', '127.0.0.1:1'])
    expect(nobody.stderr).toContain('See that its brokers')
    expect(nobody.code).toBe(6)
  })
})
