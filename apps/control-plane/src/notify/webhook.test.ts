import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { localHosts, startReceiver } from '../../test/receiver.ts'
import type { Notification } from './notification.ts'
import { createWebhook, pauseMs, type Webhook, type WebhookFailure, type WebhookOptions } from './webhook.ts'
import { webhookUrl } from './webhook-url.ts'

const notification = (n: number): Notification => ({
  schema: 'fairtrial.notification/1',
  id: `home-row/${n}/step`,
  at: n,
  experiment: 'home-row',
  kind: 'step',
  severity: 'info',
  title: `home-row goes on: ${n}`,
  reasons: [],
  changesWhen: [],
  by: 'controller',
  phase: 1,
  revision: n,
  status: 'running',
  stage: 1,
  trafficPercent: 50,
  rule: null,
})

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function setUp(answer?: (nth: number) => number, options: Partial<WebhookOptions> = {}) {
  const receiver = await startReceiver(answer)
  const failures: WebhookFailure[] = []
  const webhook = createWebhook({
    to: webhookUrl(receiver.url, localHosts),
    shape: 'json',
    secret: null,
    now: () => 1_700_000_000_500,
    random: () => 0,
    onFailure: (failure) => failures.push(failure),
    ...options,
  })
  closing.push(() => webhook.close(0), receiver.close)
  return { receiver, webhook, failures }
}

const quiet = (webhook: Webhook) => expect.poll(() => webhook.pending, { timeout: 10_000 }).toBe(0)

describe('a webhook', () => {
  it('delivers in order, each with its id, signed over the time and the body', async () => {
    const { receiver, webhook } = await setUp(undefined, { secret: 'a secret of sixteen' })
    for (const n of [1, 2, 3]) webhook.send(notification(n))
    await quiet(webhook)
    expect(receiver.bodies()).toEqual([1, 2, 3].map(notification))
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
    const v1 = createHmac('sha256', 'a secret of sixteen').update(`1700000000.${body}`).digest('hex')
    expect(headers).toMatchObject({
      'fairtrial-signature': `t=1700000000,v1=${v1}`,
      'fairtrial-delivery': 'home-row%2F1%2Fstep',
      'content-type': 'application/json; charset=utf-8',
    })
    expect(webhook.counts).toEqual({ delivered: 3, refused: 0, dropped: 0 })
  })

  it('FAULTS 58: tries again for ever what could not be taken, in order, and says once that it waits', async () => {
    const { receiver, webhook, failures } = await setUp(
      (nth) => [503, 500, 429, 408, 425, 599][nth - 1] ?? 200,
    )
    webhook.send(notification(1))
    webhook.send(notification(2))
    await quiet(webhook)
    expect(receiver.bodies().map(({ revision }) => revision)).toEqual([1, 1, 1, 1, 1, 1, 1, 2])
    expect(failures).toMatchObject([{ outcome: 'waiting', attempts: 3, why: 'answered 429' }])
    expect(webhook.counts).toEqual({ delivered: 2, refused: 0, dropped: 0 })
  })

  it('FAULTS 58: outlasts a receiver that is not there', async () => {
    const gone = await startReceiver()
    await gone.close()
    const { webhook, failures } = await setUp(undefined, { to: webhookUrl(gone.url, localHosts) })
    webhook.send(notification(1))
    await expect.poll(() => failures.length, { timeout: 10_000 }).toBe(1)
    expect(failures).toMatchObject([{ outcome: 'waiting', why: expect.stringMatching(/ECONNREFUSED/) }])
    expect([webhook.pending, webhook.counts.delivered]).toEqual([1, 0])
  })

  it.each([400, 401, 404, 410, 301])(
    'gives up what is refused by %i, and goes on with the next',
    async (status) => {
      const { webhook, receiver, failures } = await setUp((nth) => (nth === 1 ? status : 200))
      webhook.send(notification(1))
      webhook.send(notification(2))
      await quiet(webhook)
      expect(receiver.received).toHaveLength(2)
      expect(webhook.counts).toEqual({ delivered: 1, refused: 1, dropped: 0 })
      expect(failures).toMatchObject([{ outcome: 'refused', why: `answered ${status}` }])
    },
  )

  it('pauses longer each time, drawn from nothing to all of it, five minutes at most', () => {
    const longest = [1, 2, 3, 9, 10, 1_000].map((failures) => pauseMs(failures, () => 1, null))
    expect(longest).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000])
    expect(pauseMs(5, () => 0, null)).toBe(0)
    expect(pauseMs(1, () => 0.5, 7_000)).toBe(7_000)
    expect(pauseMs(1, () => 0.5, 999_999_000)).toBe(300_000)
  })

  it('is bounded: the oldest goes, and is counted', async () => {
    const { webhook, failures } = await setUp(() => 503, { random: () => 0.999 })
    for (let n = 1; n <= 1_005; n++) webhook.send(notification(n))
    expect([webhook.pending, webhook.counts.dropped]).toEqual([1_000, 5])
    expect(
      failures.filter(({ outcome }) => outcome === 'dropped').map((f) => f.notification.revision),
    ).toEqual([1, 2, 3, 4, 5])
  })

  it('FAULTS 67: gives up where the name leads inside, and sends nothing', async () => {
    const { webhook, failures } = await setUp(undefined, {
      to: webhookUrl('https://hooks.example/', { allowed: null, private: [] }),
      resolve: async () => [{ address: '169.254.169.254', family: 4 }],
    })
    webhook.send(notification(1))
    await quiet(webhook)
    expect(failures).toMatchObject([{ outcome: 'refused', why: 'hooks.example resolves to 169.254.169.254' }])
  })

  it('ends within its grace, also while a receiver says nothing', async () => {
    const { webhook } = await setUp(() => 503, { random: () => 0.999 })
    webhook.send(notification(1))
    await webhook.close(50)
    expect(webhook.pending).toBe(1)
  })
})
