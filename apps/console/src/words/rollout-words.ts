import type { AuditReport, Decision, Experiment, RolloutState } from '@fairtrial/protocol'

/** How something stands, as colour and sign say it together: neither is left alone. */
export type Tone = 'going' | 'waiting' | 'caution' | 'good' | 'harm' | 'watched' | 'over' | 'unknown'

/** A status in a word, and its tone. */
export function sayStatus(status: RolloutState['status'] | null): { word: string; tone: Tone } {
  switch (status) {
    case 'running':
      return { word: 'Running', tone: 'going' }
    case 'holding':
      return { word: 'Holding', tone: 'waiting' }
    case 'baking':
      return { word: 'Baking', tone: 'watched' }
    case 'aborted':
      return { word: 'Aborted', tone: 'harm' }
    case 'shipped':
      return { word: 'Shipped', tone: 'good' }
    case 'stopped':
      return { word: 'Stopped', tone: 'over' }
    case null:
      return { word: 'Not started', tone: 'unknown' }
  }
}

/** Where a rollout stands, in a word, and its tone: of a phase that is open and enrols nobody, that it awaits its start. */
export function sayState(state: Pick<RolloutState, 'status' | 'awaitsStart'> | null): {
  word: string
  tone: Tone
} {
  if (state?.awaitsStart === true) return { word: 'Awaiting start', tone: 'waiting' }
  return sayStatus(state?.status ?? null)
}

/** An audit's verdict in a word, and its tone. */
export function sayVerdict(verdict: 'trusted' | 'caution' | 'broken' | null): { word: string; tone: Tone } {
  switch (verdict) {
    case 'trusted':
      return { word: 'Trusted', tone: 'good' }
    case 'caution':
      return { word: 'Caution', tone: 'caution' }
    case 'broken':
      return { word: 'Broken', tone: 'harm' }
    case null:
      return { word: 'Not audited', tone: 'unknown' }
  }
}

/** A guardrail's verdict, or a primary's. Where the audit is broken, nothing looks good. */
export function sayReading(
  verdict: 'breach' | 'ok' | 'better' | 'worse' | 'unknown',
  audit?: Pick<AuditReport, 'verdict'> | null,
): { word: string; tone: Tone } {
  const good = audit?.verdict === 'broken' ? 'unknown' : 'good'
  switch (verdict) {
    case 'breach':
      return { word: 'Breached', tone: 'harm' }
    case 'worse':
      return { word: 'Worse', tone: 'harm' }
    case 'ok':
      return { word: 'Inside its margin', tone: good }
    case 'better':
      return { word: 'Better', tone: good }
    case 'unknown':
      return { word: 'Not known yet', tone: 'unknown' }
  }
}

/** What a decision does, as an order. */
export function sayAction(decision: Pick<Decision, 'action' | 'rule' | 'shipVariant'>): {
  word: string
  tone: Tone
} {
  if (decision.rule === 'finished') return { word: 'Nothing more to decide', tone: 'over' }
  if (decision.rule === 'awaiting-start') return { word: 'Await the start', tone: 'waiting' }
  if (decision.rule === 'start') return { word: 'Start', tone: 'going' }
  if (decision.rule === 'baking') return { word: 'Watch on', tone: 'watched' }
  switch (decision.action) {
    case 'continue':
      return { word: 'Carry on', tone: 'going' }
    case 'advance':
      return { word: 'Advance', tone: 'going' }
    case 'hold':
      return { word: 'Hold', tone: 'waiting' }
    case 'abort':
      return { word: 'Abort', tone: 'harm' }
    case 'ship':
      return { word: `Ship ${decision.shipVariant ?? 'the treatment'}`, tone: 'good' }
    case 'stop':
      return { word: 'Stop', tone: 'over' }
  }
}

/** Where a rollout stands: `stage 2 of 3 · 50 % of units`. */
export function sayStanding(
  {
    status,
    stage,
    trafficPercent,
    shippedVariant = null,
    awaitsStart = false,
  }: Pick<RolloutState, 'status' | 'stage' | 'trafficPercent' | 'awaitsStart'> & {
    readonly shippedVariant?: string | null
  },
  { ramp }: Pick<Experiment, 'ramp'>,
): string {
  const of = `stage ${stage + 1} of ${ramp.stages.length}`
  const shipped = `everybody gets ${shippedVariant ?? 'the treatment'}`
  if (status === 'aborted' || status === 'stopped') return `ended in ${of} · nobody gets the treatment`
  if (status === 'shipped') return shipped
  if (status === 'baking') return `${shipped}, but for ${trafficPercent} % who stay in the trial`
  if (awaitsStart) return 'nobody is enrolled yet'
  return `${of} · ${trafficPercent} % of units`
}

/** A rule's name as words: `stage-units` is `stage units`. */
export function sayRule(rule: string): string {
  return rule.replaceAll('-', ' ')
}

/** Whether a phase is over: nothing but a retry moves it. */
export function isOver(status: RolloutState['status']): boolean {
  return status === 'aborted' || status === 'shipped' || status === 'stopped'
}
