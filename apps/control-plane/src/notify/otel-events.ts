import type { EventLogger } from '@fairtrial/exposure/otel'
import type { Notification } from './notification.ts'

/** Severity numbers of OpenTelemetry's logs. */
const SEVERITIES = { info: 9, warning: 13, critical: 17 } as const

/** Writes a notification as an event: `experiment.rollout.KIND`, with bounded attributes and its sentence. */
export function emitNotification(logger: EventLogger, notification: Notification): void {
  const { kind, severity, experiment, title, revision, status, stage, trafficPercent, rule, by } =
    notification
  const attributes: { [name: string]: string | number | boolean } = {
    'feature_flag.key': experiment,
    'experiment.notification.id': notification.id,
    'experiment.notification.title': title,
  }
  if (revision !== null) attributes['experiment.revision'] = revision
  if (status !== null) attributes['experiment.rollout.status'] = status
  if (stage !== null) attributes['experiment.rollout.stage'] = stage
  if (trafficPercent !== null) attributes['experiment.rollout.traffic_percent'] = trafficPercent
  if (rule !== null) attributes['experiment.decision.rule'] = rule
  if (by !== null) attributes['experiment.decision.by'] = by
  logger.emit({
    eventName: `experiment.rollout.${kind.replaceAll('-', '_')}`,
    severityNumber: SEVERITIES[severity],
    attributes,
  })
}
