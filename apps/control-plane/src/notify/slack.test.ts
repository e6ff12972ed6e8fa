import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Notification } from './notification.ts'
import { slackMessage, slackText } from './slack.ts'

const rollback: Notification = {
  schema: 'fairtrial.notification/1',
  id: 'home-row/2/rollback',
  at: 1,
  experiment: 'home-row',
  kind: 'rollback',
  severity: 'critical',
  title: 'home-row IS TAKEN BACK: Guardrail crashes, new: 3 % > 1 %.',
  reasons: ['Guardrail crashes, new: 3 % > 1 %.', 'The audit trusts the data.'],
  changesWhen: ['A new phase is opened.'],
  by: 'controller',
  phase: 1,
  revision: 2,
  status: 'aborted',
  stage: 0,
  trafficPercent: 0,
  rule: 'guardrail-breach',
}

it('says what happened, why, what would change it, and where it stands', () => {
  expect(slackMessage(rollback)).toEqual({
    text: ':rotating_light: home-row IS TAKEN BACK: Guardrail crashes, new: 3 % &gt; 1 %.',
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: ':rotating_light: home-row IS TAKEN BACK: Guardrail crashes, new: 3 % &gt; 1 %.',
        },
      },
      {
        type: 'section',
        text: { type: 'mrkdwn', text: '• The audit trusts the data.\n_A new phase is opened._' },
      },
      {
        type: 'context',
        elements: [
          { type: 'mrkdwn', text: 'aborted, 0 % of traffic · rule guardrail-breach · by controller' },
        ],
      },
    ],
  })
})

it('FAULTS 68: lets no text of people or of data mention, link, or begin a line', () => {
  expect(slackText('<!channel> <https://evil.org|the console>\r\n:tada: & \u001b[31m')).toBe(
    '&lt;!channel&gt; &lt;https://evil.org|the console&gt;\\u000d\\u000a:tada: &amp; \\u001b[31m',
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(slackText(text)).not.toMatch(/[<>\n\r]|&(?!(amp|lt|gt);)/)
    }),
  )
})

it('keeps within what Slack takes, whatever is to be said', () => {
  const long = '<&😀'.repeat(5_000)
  const message = slackMessage({ ...rollback, title: long, reasons: [long], by: long }) as {
    text: string
    blocks: { text?: { text: string }; elements?: { text: string }[] }[]
  }
  const texts = [
    message.text,
    ...message.blocks.flatMap((b) => [b.text, ...(b.elements ?? [])].map((t) => t?.text ?? '')),
  ]
  for (const text of texts) {
    expect(text.length).toBeLessThanOrEqual(3_000)
    expect(text).not.toMatch(/&[a-z]*…|[\ud800-\udbff]…/)
  }
})
