import { expect, it } from 'vitest'
import { autoplay, autoplayForEver, viewer } from '../../test/autoplay.ts'
import type { Client } from '../client-doors.ts'
import { createObserver } from '../observe/index.ts'
import { clientOnTrial, forceArms, snapshotOf, stateFor, verifyClient } from './index.ts'

it('forces the arm of every unit, and of no other experiment', () => {
  const { client } = clientOnTrial([autoplay, autoplayForEver])
  for (const variant of ['control', 'treatment']) {
    const forced = forceArms(client, { autoplay: variant })
    for (const unitId of ['ada', 'ben', 'cleo', 'dan']) {
      expect(forced.assign(autoplay, viewer(unitId))).toMatchObject({ variant, reason: 'overridden' })
      expect(forced.preview(autoplay, viewer(unitId))).toMatchObject({ variant, reason: 'overridden' })
      expect(forced.assign(autoplayForEver, viewer(unitId))).toEqual(
        client.assign(autoplayForEver, viewer(unitId)),
      )
    }
  }
  const forced = forceArms(client, { autoplay: 'control' })
  expect(forced.assign(autoplay, viewer('ada'), { variant: 'treatment' }).variant).toBe('treatment')
})

it('forces nothing where no treatment is served', () => {
  const { client, source } = clientOnTrial([autoplay])
  source.give(snapshotOf([stateFor(autoplay, { revision: 2, status: 'aborted', trafficPercent: 0 })]))
  expect(forceArms(client, { autoplay: 'treatment' }).assign(autoplay, viewer('ada')).reason).toBe('aborted')
})

/** A page that starts the next episode: exposes where it shows the countdown, and tracks who watched. */
function watch(client: Client, unitId: string, exposes: (delaySeconds: number) => boolean = () => true) {
  const arm = client.assign(autoplay, viewer(unitId))
  if (exposes(arm.config.delaySeconds)) client.expose(arm, { trigger: 'countdown' })
  client.track({ name: 'watched', ...viewer(unitId) })
}

it('runs a service once in each arm, and finds nothing where nothing is wrong', async () => {
  const verified = await verifyClient(autoplay, async ({ client }) => {
    for (const unitId of ['ada', 'ben']) watch(client, unitId)
    await client.close()
  })
  expect(verified.runs).toEqual(
    ['control', 'treatment'].map((arm) => ({
      arm,
      exposures: 2,
      outcomes: 2,
      exposedAt: ['autoplay:countdown'],
    })),
  )
})

it('runs a service that measures, too', async () => {
  const verified = await verifyClient(autoplay, async ({ client, recorder }) => {
    const observer = createObserver({ recorder })
    const arm = client.assign(autoplay, viewer('ada'))
    observer.inScope(arm, () => observer.observe('latency', 0.2))
    client.expose(arm)
    observer.close()
    await client.close()
    expect(recorder.account().exposures).toMatchObject({ offered: 1, delivered: 1 })
  })
  expect(verified.runs).toMatchObject([{ exposures: 1 }, { exposures: 1 }])
})

it('finds control that is not exposed where treatment is', async () => {
  const verifying = verifyClient(autoplay, async ({ client }) => {
    watch(client, 'ada')
    watch(client, 'ben', (delaySeconds) => delaySeconds < 10)
    await client.close()
  })
  await expect(verifying).rejects.toThrow(
    'arm control: has no exposure autoplay:countdown of ben, but arm treatment has.',
  )
})

it('finds a client that nobody closes, and closes it', async () => {
  let left: Client | undefined
  const verifying = verifyClient(autoplay, ({ client }) => {
    watch(client, 'ada')
    left = client
  })
  await expect(verifying).rejects.toThrow('arm treatment, close: was not called')
  expect(left?.status().isClosed).toBe(true)
})
