import { printable } from '../printable.ts'
import type { Notification } from './notification.ts'

const SIGNS = { info: ':information_source:', warning: ':warning:', critical: ':rotating_light:' } as const

/** What Slack takes of a text block. */
const LONGEST_TEXT = 2_900

/** A notification as Slack's incoming webhooks, and what imitates them, take it. */
export function slackMessage(notification: Notification): object {
  const { title, reasons, changesWhen, severity, by, status, trafficPercent, rule } = notification
  const headline = `${SIGNS[severity]} ${slackText(title)}`
  const lines = [
    // The title says the first of them.
    ...reasons.filter((reason) => !title.endsWith(reason)).map((reason) => `• ${slackText(reason)}`),
    ...changesWhen.map((sentence) => `_${slackText(sentence)}_`),
  ]
  const facts = [
    status === null ? null : `${status}, ${trafficPercent} % of traffic`,
    rule === null ? null : `rule ${rule}`,
    by === null ? null : `by ${slackText(by)}`,
  ].filter((fact) => fact !== null)
  return {
    text: shorten(headline),
    blocks: [
      section(headline),
      ...(lines.length === 0 ? [] : [section(lines.join('\n'))]),
      ...(facts.length === 0
        ? []
        : [{ type: 'context', elements: [{ type: 'mrkdwn', text: shorten(facts.join(' · ')) }] }]),
    ],
  }
}

/**
 * Text of people and of data, as Slack shows it: no line of its own, no link, no mention (`<!channel>`), and no markup
 * but what Slack makes of single characters.
 */
export function slackText(text: string): string {
  return printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function section(text: string): object {
  return { type: 'section', text: { type: 'mrkdwn', text: shorten(text) } }
}

function shorten(text: string): string {
  if (text.length <= LONGEST_TEXT) return text
  // Not in the middle of an escaped character, nor of a pair.
  return `${text.slice(0, LONGEST_TEXT).replace(/(&[a-z]{0,3}|[\ud800-\udbff])$/, '')}…`
}
