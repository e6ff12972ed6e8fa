import { writeFileSync } from 'node:fs'
import { READINESS_CHECKS } from '@fairtrial/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ABORTED, type Answer, fakePlane, UNPROVED, viewOf } from '../../test/fake-plane.ts'
import { fairtrial, folderWith } from '../../test/terminal.ts'

const TRANSITION = { schema: 'fairtrial.transition/1' }

describe('rollout', () => {
  it('hands on what the control plane tells', async () => {
    const view = await viewOf({ state: ABORTED, proof: UNPROVED })
    const { url, asked } = await fakePlane(() => [200, view])
    const { code, document } = await fairtrial(['rollout', 'status', 'home ranking', '--url', url, '--json'])
    expect(code).toBe(0)
    expect(document).toEqual(view)
    expect(asked).toMatchObject([{ method: 'GET', url: '/v1/experiments/home%20ranking', body: '' }])
  })

  it.each(['abort', 'hold', 'resume', 'advance', 'approve', 'retry'])(
    'orders to %s with a reason, and tells what stands then',
    async (action) => {
      const view = await viewOf({ state: ABORTED, proof: UNPROVED })
      const { url, asked } = await fakePlane(({ method }) => [200, method === 'POST' ? TRANSITION : view])
      const args = ['rollout', action, 'home-ranking', '--url', `${url}/`, '--by', 'ada', '--reason', 'a why']
      const isOfSeen = action === 'approve'
      if (isOfSeen) args.push('--revision', '7')
      const { code, stdout } = await fairtrial(args)
      expect(code).toBe(0)
      expect(asked).toMatchObject([
        {
          method: 'POST',
          url: `/v1/experiments/home-ranking/${action}`,
          body: `{"by":"ada","reason":"a why"${isOfSeen ? ',"revision":7' : ''}}`,
        },
        { method: 'GET', url: '/v1/experiments/home-ranking' },
      ])
      expect(stdout).toBe(
        'home-ranking: aborted, stage 1 of 1, 0 % of traffic, phase 1, revision 2\n  By hand.\n' +
          '  rollback not proved\n    svc-1 has not acknowledged revision 2 yet.\n',
      )
    },
  )

  it('FEATURES J4: approves what was seen, and nothing where nobody says what that was', async () => {
    const approve = ['rollout', 'approve', 'home-ranking', '--by', 'ada', '--reason', 'a why']
    const { url, asked } = await fakePlane(() => [200, TRANSITION])
    for (const seen of [[], ['--revision', '0'], ['--revision', 'latest']]) {
      const { code, stderr } = await fairtrial([...approve, '--url', url, ...seen])
      expect([code, stderr]).toEqual([2, expect.stringContaining('--revision <n>')])
    }
    expect(asked).toEqual([])
  })

  it('FEATURES A11: gives a readiness report from its file, and none that is none', async () => {
    const report = {
      schema: 'fairtrial.readiness/1',
      experiment: 'home-ranking',
      fingerprint: 'a'.repeat(64),
      madeAt: 1,
      ready: true,
      checks: READINESS_CHECKS.map((check) => ({
        check,
        passed: true,
        detail: '',
        remedy: '',
        evidence: {},
      })),
    }
    const file = folderWith({ 'ready.json': JSON.stringify(report), 'other.json': '{}' })
    const view = await viewOf()
    const { url, asked } = await fakePlane(({ method }) => [200, method === 'POST' ? TRANSITION : view])
    const give = (name: string) =>
      fairtrial(
        ['rollout', 'ready', 'home-ranking', '--url', url, '--by', 'ci', '--reason', 'r'].concat([
          '--report',
          file(name),
        ]),
      )
    expect((await give('ready.json')).code).toBe(0)
    expect(asked[0]?.url).toBe('/v1/experiments/home-ranking/ready')
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({ by: 'ci', reason: 'r', report })
    for (const name of ['other.json', 'none.json']) {
      expect((await give(name)).stderr).toMatch(/--report .* (holds no readiness report|cannot be read)/)
    }
    writeFileSync(file('half.json'), JSON.stringify({ ...report, checks: report.checks.slice(1) }))
    expect((await give('half.json')).stderr).toContain(
      'holds no readiness report: checks: Must hold each of contract-test, dry-run, ',
    )
    const failed = [{ ...report.checks[0], passed: false }, ...report.checks.slice(1)]
    writeFileSync(file('lies.json'), JSON.stringify({ ...report, checks: failed }))
    expect((await give('lies.json')).stderr).toContain(
      'ready: Must be true where every check has passed, and else false. It is true.',
    )
    expect(asked).toHaveLength(2)
  })

  it('FEATURES A11: tells what a start awaits', async () => {
    const given = { by: 'ci', at: 1, madeAt: 86_400_000, sha256: 'b'.repeat(64) }
    const view = await viewOf({
      state: {
        status: 'holding',
        awaitsStart: true,
        trafficPercent: 0,
        readiness: given,
        approvals: [{ by: 'bob', at: 1, reason: 'seen' }],
      },
    })
    const ramp = { ...view.experiment.ramp, start: { readiness: true, approvals: 2 } }
    const gate = { readiness: true, maximumAgeMs: 86_400_000, approvals: 2 }
    // As the plan says, and as it said when the phase was opened.
    for (const told of [
      { ...view, experiment: { ...view.experiment, ramp } },
      { ...view, state: { ...view.state, gate } },
    ]) {
      const { url } = await fakePlane(() => [200, told])
      const { stdout } = await fairtrial(['rollout', 'status', 'home-ranking', '--url', url])
      expect(stdout).toMatch(/^home-ranking: holding, awaiting its start, stage 1 of 1, 0 % of traffic/)
      expect(stdout).toContain(
        '  readiness report: given by ci, made at 1970-01-02T00:00:00.000Z\n  approvals: 1 of 2\n    bob: seen\n',
      )
    }
  })

  it('tells of a proved rollback, of people and of what would change a decision', async () => {
    const proof = { proved: true, lastTreatmentServedAt: 1, servedForMs: 120, waitingFor: [], violated: [] }
    const proved = await viewOf({ state: ABORTED, proof })
    const held = await viewOf({
      state: { status: 'holding', heldBy: 'ada', approvals: [{ by: 'bob', at: 1, reason: 'seen' }] },
      decision: {
        action: 'hold',
        rule: 'operator-hold',
        revision: 1,
        reasons: ['Held by ada.'],
        changesWhen: ['A resume: by hand.'],
        wouldAbort: ['Guardrail start.rate would have aborted.'],
      },
    })
    let view = proved
    const { url } = await fakePlane(() => [200, view])
    const status = async () => (await fairtrial(['rollout', 'status', 'home-ranking', '--url', url])).stdout
    expect(await status()).toContain('rollback proved; the last treatment was served 120 ms after it')
    view = held
    expect(await status()).toContain(
      [
        '  held by ada: left by resume or abort',
        '    bob: seen',
        '  last decision: hold (operator-hold)',
        '    Held by ada.',
        '  what would change it:',
        '    A resume: by hand.',
        '  in shadow: Guardrail start.rate would have aborted.',
      ].join('\n'),
    )
  })

  it('does not tell what would change a decision that an order has outrun', async () => {
    const decision = {
      action: 'continue',
      rule: 'stage-time',
      revision: 1,
      reasons: ['Too soon.'],
      changesWhen: ['x'],
    }
    const view = await viewOf({ state: ABORTED, decision })
    const { url } = await fakePlane(() => [200, view])
    const { stdout } = await fairtrial(['rollout', 'status', 'home-ranking', '--url', url])
    expect(stdout).toMatch(/revision 2\n {2}By hand\.\n {2}decided before that: continue \(stage-time\)\n$/)
  })

  it('tells of a rollout without a state', async () => {
    const view = await viewOf({ state: null })
    const { url } = await fakePlane(() => [200, view])
    expect(await fairtrial(['rollout', 'status', 'k', '--url', url])).toMatchObject({
      code: 0,
      stdout: 'k: no state yet\n',
    })
  })

  it('FAULTS 59: exits 2 of an order that came too late, with the state that won', async () => {
    const { state } = await viewOf({ state: ABORTED })
    const detail = 'k is aborted already.'
    const refusal = { code: 'refused', detail, remedy: 'There is nothing to take back.', state }
    const { url } = await fakePlane(() => [409, refusal])
    const args = ['rollout', 'abort', 'k', '--reason', 'x', '--url', url, '--json']
    expect(await fairtrial(args)).toMatchObject({
      code: 2,
      stderr:
        'fairtrial: The control plane refuses: k is aborted already. It is aborted, stage 1, 0 % of traffic, phase 1, ' +
        'revision 2: By hand. There is nothing to take back.\n',
      document: { schema: 'fairtrial.error/1', code: 'refused', state },
    })
  })

  it('FAULTS 68: prints nothing from data that moves the cursor', async () => {
    const cause = 'red \u001b[31m and\rback, turned \u202e around'
    const view = await viewOf({ state: { cause, heldBy: 'a\u001b]0;title\u0007b' }, error: 'x\u009b2Jy' })
    let answer: Answer = [200, view]
    const { url } = await fakePlane(() => answer)
    const { stdout } = await fairtrial(['rollout', 'status', 'k', '--url', url])
    answer = [409, { code: 'refused', detail: cause, remedy: cause }]
    const { stderr } = await fairtrial(['rollout', 'abort', 'k', '--reason', 'x', '--url', url])
    for (const text of [stdout, stderr]) {
      expect(text).toContain('red \\u{1b}[31m and')
      expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u)
    }
  })

  it('FAULTS 62: sends the token of a file or of the environment, and says what a refused one needs', async () => {
    const path = folderWith({ token: 'from-file\n', empty: '\n' })
    const before = process.env['FAIRTRIAL_TOKEN']
    onTestFinished(() => {
      if (before === undefined) delete process.env['FAIRTRIAL_TOKEN']
      else process.env['FAIRTRIAL_TOKEN'] = before
    })
    process.env['FAIRTRIAL_TOKEN'] = 'from-environment'
    const { url, asked } = await fakePlane(() => [401, { code: 'unauthorized', detail: 'No such token.' }])
    const args = ['rollout', 'status', 'k', '--url', url]
    await fairtrial([...args, '--token-file', path('token')])
    expect(await fairtrial(args)).toMatchObject({
      code: 2,
      stderr:
        'fairtrial: The control plane refuses: No such token. Give a token: --token-file FILE, or FAIRTRIAL_TOKEN.\n',
    })
    expect(asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer from-file',
      'Bearer from-environment',
    ])
    for (const file of ['empty', 'missing'])
      expect(await fairtrial([...args, '--token-file', path(file)])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--token-file'),
      })
  })

  it('takes a token nowhere else than it was asked to', async () => {
    const other = await fakePlane(() => [200, {}])
    const { url } = await fakePlane((_, response) => {
      response.setHeader('location', other.url)
      return [302, '']
    })
    expect(await fairtrial(['rollout', 'status', 'k', '--url', url])).toMatchObject({ code: 6 })
    expect(other.asked).toEqual([])
  })

  it.each([
    [500, { code: 'internal', detail: 'The disk is full.', remedy: 'Make room.' }],
    [503, { code: 'unreachable', detail: 'The store has not answered' }],
    [200, '<html>'],
    [200, { status: 'ok' }],
    [404, 'Not found'],
  ])('exits 6 where %i %j is answered', async (status, answer) => {
    const { url } = await fakePlane(() => [status, answer])
    const { code, stderr } = await fairtrial(['rollout', 'status', 'k', '--url', url])
    expect(code).toBe(6)
    expect(stderr).toContain(`The control plane at ${url} answered ${status}: `)
  })

  it('says of what the control plane cannot do what its answer says, and not that it is not there', async () => {
    const answer = { code: 'abort-pending', detail: 'Not stored yet', remedy: 'It is tried again.' }
    const { url } = await fakePlane(() => [503, answer])
    const { stderr } = await fairtrial(['rollout', 'abort', 'k', '--reason', 'x', '--url', url])
    expect(stderr).toBe(
      `fairtrial: The control plane at ${url} answered 503: Not stored yet. It is tried again.\n`,
    )
  })

  it('exits 6 where nobody listens, and 2 of what is no URL', async () => {
    const { url, close } = await fakePlane(() => [200, {}])
    await close()
    const nobody = ['rollout', 'status', 'k', '--url', url, '--json']
    expect(await fairtrial(nobody)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('cannot be reached: connect ECONNREFUSED 127.0.0.1'),
      document: { code: 'unreachable' },
    })
    for (const url of ['nowhere', 'ftp://127.0.0.1'])
      expect(await fairtrial(['rollout', 'status', 'k', '--url', url])).toMatchObject({ code: 2 })
    expect(await fairtrial(['rollout', 'abort', 'k'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--reason'),
    })
  })
})
