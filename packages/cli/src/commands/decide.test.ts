import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { startRollout } from '@fairtrial/rollout'
import { describe, expect, it } from 'vitest'
import { player, playerJson, recordTrial, segmentOf, START } from '../../test/recorded-trial.ts'
import { fairtrial, folderWith } from '../../test/terminal.ts'

const MINUTE = 60_000
const state = startRollout(player, { now: START })

async function deciding(harmFrom: number, files: Readonly<Record<string, string>> = {}) {
  const path = folderWith({
    'player.json': playerJson,
    'log/a.000001.ndjson': segmentOf(await recordTrial(harmFrom)),
    ...files,
  })
  const at = String(START + 41 * MINUTE)
  const decide = (...args: string[]) =>
    fairtrial(['decide', path('player.json'), '--log', path('log'), '--at', at, ...args])
  return { path, decide }
}

describe('decide', () => {
  it('says what the controller would do from the first stage, and does nothing', async () => {
    const { path, decide } = await deciding(99)
    const before = readdirSync(path('.'), { recursive: true }).map(String).toSorted()
    const { code, document } = await decide('--json')
    expect(code).toBe(0)
    expect(document).toMatchObject({
      schema: 'fairtrial.dry-run/1',
      state: { stage: 0, startedAt: START },
      decision: { action: 'advance', rule: 'stage-complete' },
      transition: { from: { stage: 0, revision: 1 }, to: { stage: 1, revision: 2, trafficPercent: 100 } },
    })
    expect(readdirSync(path('.'), { recursive: true }).map(String).toSorted()).toEqual(before)
  })

  it('FEATURES A11: takes what a plan awaits before its start as there, for the log tells of a trial that ran', async () => {
    const definition = JSON.parse(playerJson) as { readonly ramp: object }
    const ramp = { ...definition.ramp, start: { readiness: true, approvals: 1 } }
    const { path, decide } = await deciding(99, {
      'gated.json': JSON.stringify({ ...definition, ramp }),
    })
    const { document } = await decide('--json')
    const at = String(START + 41 * MINUTE)
    const place = [path('gated.json'), '--log', path('log'), '--json']
    const gated = await fairtrial(['decide', ...place, '--at', at])
    expect((gated.document as { decision: object }).decision).toEqual(
      (document as { decision: object }).decision,
    )
    const replayed = await fairtrial(['replay', ...place])
    const turns = (replayed.document as { turns: readonly { rule: string }[] }).turns.map(({ rule }) => rule)
    expect(turns).toContain('stage-complete')
    expect(turns).not.toContain('awaiting-start')
  })

  it('decides upon the state that it is given, as a state or as a status', async () => {
    const last = { ...state, stage: 1, trafficPercent: 100, revision: 2 }
    const { path, decide } = await deciding(0, {
      'state.json': JSON.stringify(last),
      'status.json': JSON.stringify({ schema: 'fairtrial.rollout/1', state: last }),
      'other.json': JSON.stringify({ ...last, fingerprint: 'f'.repeat(64) }),
      'none.json': '{}',
    })
    for (const file of ['state.json', 'status.json'])
      expect(await decide('--json', '--state', path(file))).toMatchObject({
        code: 3,
        document: {
          state: last,
          decision: { action: 'abort', revision: 2 },
          transition: { to: { revision: 3 } },
        },
      })
    for (const file of ['other.json', 'none.json', 'nowhere.json'])
      expect(await decide('--state', path(file))).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(file),
      })
  })

  it('I1: tells on one screen what to do, whether to believe it, the effect, the risk and what would change it', async () => {
    const { decide } = await deciding(0)
    const { stdout } = await decide()
    expect(stdout.split('\n').length).toBeLessThanOrEqual(40)
    for (const part of [
      /^new-player is running, stage 1 of 2, 50 % of traffic, phase 1, revision 1$/m,
      /^ {2}It would be aborted, .*revision 2\.\s+Nothing is written: this is a dry run\.$/m,
      /^Decision: abort$/m,
      /^Validity: caution; join-rate; sample ratio p .* at any look$/m,
      /^Effect on finished, new against old: .* \(.* %\); 95 % interval\s+\[/m,
      /p 1|at most [\d.]+ % of trials/,
      /It rests on this: .*the\s+audit\s+urges\s+caution\./s,
      /^Risk: breached: started, new$/m,
      /^What would change it:\n {2}\w/m,
    ])
      expect(stdout).toMatch(part)
  })

  it('E12: says what errors are expected to cost, where the plan has costs', async () => {
    const { path, decide } = await deciding(99)
    const costs = { currency: 'EUR', badLaunch: 50_000, missedGainPerDay: 700, abort: 1_000 }
    writeFileSync(path('player.json'), JSON.stringify({ ...JSON.parse(playerJson), costs }))
    const { stdout } = await decide()
    const told = stdout.replaceAll(/\s+/g, ' ')
    expect(told).toMatch(
      /Risk: proven harmless: started, new Expected loss, of new: to ship [\d,]+ EUR, one more day [\d,]+ EUR, to abort [\d,]+ EUR; a chance of [\d.]+ % that it is worse than control\. To (ship|abort) costs less, as under \d of 7 priors tried\./,
    )
  })

  it('reads looks, and writes none', async () => {
    const { path, decide } = await deciding(99)
    expect(await decide('--looks', path('looks.json'))).toMatchObject({ code: 0 })
    expect(readdirSync(path('.'))).not.toContain('looks.json')
    expect(readFileSync(path('player.json'), 'utf8')).toBe(playerJson)
  })
})
