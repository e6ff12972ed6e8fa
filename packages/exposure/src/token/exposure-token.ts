import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ExposureEvent } from '@fairtrial/protocol'
import type { Arm } from '../exposure-lines.ts'
import { refuse } from '../refusals.ts'

/** What a token vouches for: that this unit was given this arm. */
type Claim = Pick<ExposureEvent, 'experiment' | 'fingerprint' | 'phase' | 'unitType' | 'unitId' | 'variant'>

/** How tokens are issued. */
export interface ExposureTokenOptions {
  /** Shared with the control plane and nobody else: at least 32 characters. */
  readonly secret: string
  /** How long after it was issued an exposure may be sent, milliseconds. Default 3,600,000. */
  readonly validForMs?: number
  /** Epoch milliseconds. Default: Date.now. */
  readonly now?: () => number
}

/** What a token turned out to be. */
export type TokenVerdict = 'genuine' | 'malformed' | 'forged' | 'expired'

/** HMAC-SHA256 as base64url. */
const TOKEN = /^(\d{1,15})\.([A-Za-z0-9_-]{43})$/

/**
 * Issues tokens for exposures that a browser will send by itself: a service gives the arm and its token to the page,
 * the page sends the exposure with `token` to `POST /v1/public/exposures` of a control plane that has the same secret.
 * Nobody can make an exposure of an arm that was not given to that unit.
 *
 * @throws ExperimentError `invalid-argument` for a secret that is too short
 * @returns null for an arm that was not assigned: there is nothing to expose
 */
export function exposureTokens(options: ExposureTokenOptions): (arm: Arm) => string | null {
  const { secret, validForMs = 3_600_000, now = Date.now } = options
  refuseShort(secret)
  return (arm) => {
    const { reason, variant, unitId, unitType } = arm
    if (reason !== 'assigned' || variant === null || unitId === null) return null
    const expiresAt = Math.round(now() + validForMs)
    return `${expiresAt}.${macOf({ ...arm, variant, unitId, unitType }, expiresAt, secret).toString('base64url')}`
  }
}

/**
 * Holds a token against the exposure that bears it.
 *
 * @param options.now epoch milliseconds
 */
export function checkExposureToken(
  token: unknown,
  exposure: Claim,
  options: { readonly secret: string; readonly now: number },
): TokenVerdict {
  const [, expiry, mac] = (typeof token === 'string' && TOKEN.exec(token)) || []
  if (expiry === undefined || mac === undefined) return 'malformed'
  const expected = macOf(exposure, Number(expiry), options.secret)
  if (!timingSafeEqual(expected, Buffer.from(mac, 'base64url'))) return 'forged'
  return options.now < Number(expiry) ? 'genuine' : 'expired'
}

/** Over JSON, in which no two claims have one text. */
function macOf(claim: Claim, expiresAt: number, secret: string): Buffer {
  const { experiment, fingerprint, phase, unitType, unitId, variant } = claim
  const text = JSON.stringify([
    'fairtrial.exposure-token/1',
    experiment,
    fingerprint,
    phase,
    unitType,
    unitId,
    variant,
    expiresAt,
  ])
  return createHmac('sha256', secret).update(text).digest()
}

function refuseShort(secret: unknown): void {
  if (typeof secret === 'string' && secret.length >= 32) return
  refuse('exposureTokens.secret', 'too short', 'Give at least 32 characters: `openssl rand -base64 48`.')
}
