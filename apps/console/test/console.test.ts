import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { READINESS_CHECKS, type ReadinessReport } from '@fairtrial/protocol'
import type { RolloutView } from '@fairtrial/rollout'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { homeRowRanking } from '../../demo-service/src/experiment.ts'
import { expectNoSideways, findChromium, screenshot, startBrowser, type TestBrowser } from './browser.ts'
import { type DemoPlane, startDemoPlane } from './demo-plane.ts'
import { FIXTURE_KEYS, type FixturePlane, simulateAll, startFixturePlane } from './fixture-plane.ts'

const chromium = findChromium()
const PHONE = { width: 390, height: 844 }
const PATIENCE = { timeout: 90_000 }
const PATHS = ['/', '/trail', ...FIXTURE_KEYS.map((key) => `/experiments/${key}`)]

/** Two stages, the first left by hand only: nothing is served, and nothing is missed for an hour. */
const APPROVED_BY_TWO = {
  ramp: {
    stages: [
      { trafficPercent: 30, holdFor: '1h', minimumUnits: 500, approvals: 2 },
      { trafficPercent: 100, holdFor: '1h', minimumUnits: 2000 },
    ],
  },
  guardrails: homeRowRanking.guardrails.map((guardrail) => ({
    ...guardrail,
    evidence: { ...guardrail.evidence, maximumDataAge: '1h', maximumHold: '2h' },
  })),
}

/** As `fairtrial ready` writes it. */
const readyReport = (): ReadinessReport => ({
  schema: 'fairtrial.readiness/1',
  experiment: homeRowRanking.key,
  fingerprint: homeRowRanking.fingerprint,
  madeAt: Date.now() - 60_000,
  ready: true,
  checks: READINESS_CHECKS.map((check) => ({
    check,
    passed: true,
    detail: `${check} was looked at.`,
    remedy: '',
    evidence: {},
  })),
})

describe.skipIf(chromium === null)('the console, in a browser', () => {
  let browser: TestBrowser
  beforeAll(async () => {
    // What the control plane serves is what was built.
    const folder = fileURLToPath(new URL('..', import.meta.url))
    const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url))
    await promisify(execFile)(process.execPath, [vite, 'build'], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production' },
    })
    browser = await startBrowser(chromium as string)
  })
  afterEach(() => {
    expect(browser.errors.splice(0)).toEqual([])
  })
  afterAll(() => browser?.close())

  describe('on a real control plane', () => {
    let plane: DemoPlane
    beforeAll(async () => {
      plane = await startDemoPlane()
    })
    afterAll(() => plane?.close())

    it('shows the harmful ramp live, from its start to the abort and the proof', async () => {
      const page = await browser.open(`${plane.url}/`)
      await page.getByRole('link', { name: 'home-row-ranking' }).click()
      await page.getByText('Live', { exact: true }).waitFor()
      await page.evaluate('globalThis.isSamePage = true')
      await plane.serve('harmful')
      const standing = page.locator('.rollout-head .standing')
      await standing.getByText('stage 1 of 3').waitFor(PATIENCE)
      await standing.getByText('stage 2 of 3').waitFor(PATIENCE)
      await page.getByText('Inside its margin').first().waitFor(PATIENCE)
      await screenshot(page, 'running')
      await standing.getByText('Aborted').waitFor(PATIENCE)
      await page.locator('.decision .lead').getByText('wholly beyond the margin of 50').waitFor(PATIENCE)
      await page.locator('.proof').getByText('Proved', { exact: true }).waitFor(PATIENCE)
      await page.locator('.guardrail').getByText('Breached').waitFor(PATIENCE)
      await page.locator('.journal > li').nth(2).waitFor(PATIENCE)
      expect(await page.evaluate('globalThis.isSamePage')).toBe(true)
      await screenshot(page, 'aborted')
      await page.emulateMedia({ colorScheme: 'dark' })
      await screenshot(page, 'aborted-dark')
      await page.getByRole('link', { name: 'Audit trail' }).click()
      await page.getByRole('heading', { name: 'Audit trail' }).waitFor()
      await page.getByRole('row').nth(4).waitFor(PATIENCE)
      await screenshot(page, 'trail-dark')
      await page.close()
    }, 300_000)
  })

  describe('with people', () => {
    let plane: DemoPlane
    afterEach(() => plane?.close())

    it('aborts by the keyboard alone, behind a confirmation that takes the reason, and tries again', async () => {
      plane = await startDemoPlane()
      const page = await browser.open(`${plane.url}/experiments/home-row-ranking`)
      await page.getByRole('button', { name: 'Abort' }).waitFor()
      await tabTo(page, 'Abort')
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog')
      await dialog.getByText('Everybody gets popularity from now on; nobody gets session.').waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      expect(await focused(page)).toBe('Abort')

      await page.keyboard.press('Enter')
      await dialog.waitFor()
      await tabTo(page, 'Your name')
      await page.keyboard.type('ada')
      await tabTo(page, 'Reason')
      await page.keyboard.type('Complaints about the first row.')
      await screenshot(page, 'abort')
      await tabTo(page, 'Abort')
      await page.keyboard.press('Enter')
      await page.locator('.rollout-head .standing').getByText('Aborted').waitFor()
      await page.locator('.journal').getByText('Complaints about the first row.').waitFor()
      const view = (await (await fetch(`${plane.url}/v1/experiments/home-row-ranking`)).json()) as RolloutView
      expect(view.transitions.at(-1)).toMatchObject({ by: 'ada', reason: 'Complaints about the first row.' })
      expect(view.state).toMatchObject({ status: 'aborted', trafficPercent: 0 })

      await page.getByRole('button', { name: 'Retry' }).click()
      const retry = page.getByRole('dialog')
      await retry.getByText('Phase 2 opens at 30 % of units, with fresh evidence').waitFor()
      await retry.getByLabel('Reason').fill('The cache is larger now.')
      await retry.getByRole('button', { name: 'Retry' }).click()
      await page.locator('.rollout-head').getByText('Phase 2, revision').waitFor()
      await page.locator('.journal').getByText('The cache is larger now.').waitFor()
      await page.close()
    })

    it('lets a viewer look and nothing else, and an operator hold, resume and disagree', async () => {
      plane = await startDemoPlane([
        { name: 'bob', role: 'viewer' },
        { name: 'ada', role: 'operator' },
      ])
      const page = await browser.open(`${plane.url}/experiments/home-row-ranking`)
      const signIn = async (token: string) => {
        await page.getByLabel('Token').fill(token)
        await page.getByRole('button', { name: 'Sign in' }).click()
      }
      await signIn('wrong')
      await page.getByRole('alert').getByText('This token is not known here').waitFor()
      await screenshot(page, 'sign-in')

      await signIn('bob-token')
      await page.getByText('You look on: orders need the role operator.').waitFor()
      for (const name of ['Hold', 'Abort']) {
        expect(await page.getByRole('button', { name }).isDisabled()).toBe(true)
      }
      expect(await page.getByText('Write a note, or a dissent').count()).toBe(0)
      const forced = await fetch(`${plane.url}/v1/experiments/home-row-ranking/abort`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer bob-token' },
        body: JSON.stringify({ reason: 'Because.' }),
      })
      expect(forced.status).toBe(403)
      await screenshot(page, 'viewer')

      await page.setViewportSize(PHONE)
      await expectNoSideways(page)
      await screenshot(page, 'phone-viewer')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await signIn('ada-token')
      const order = async (name: string, reason: string) => {
        await page.getByRole('button', { name }).click()
        const dialog = page.getByRole('dialog')
        await dialog.getByLabel('Reason').fill(reason)
        await dialog.getByRole('button', { name }).click()
        await dialog.waitFor({ state: 'detached' })
        await page.locator('.journal').getByText(reason).waitFor()
      }
      await order('Hold', 'A launch elsewhere.')
      await page.getByText('held by ada').waitFor()
      await page.getByText('Write a note, or a dissent').click()
      await page.getByRole('radio', { name: /Dissent/ }).check()
      await page.getByLabel('Text').fill('The launch is next week.')
      await page.getByRole('button', { name: 'Write it down' }).click()
      await page.locator('.dissent').getByText('ada disagrees:').waitFor()
      await order('Resume', 'The launch is over.')
      await page.getByRole('button', { name: 'Hold' }).waitFor()
      await page.close()
    })
  })

  describe('with approvals', () => {
    let plane: DemoPlane
    afterEach(() => plane?.close())

    it('advances once two people have approved, and says why not before', async () => {
      plane = await startDemoPlane(
        [
          { name: 'bob', role: 'viewer' },
          { name: 'ada', role: 'operator' },
          { name: 'cyd', role: 'admin' },
        ],
        APPROVED_BY_TWO,
      )
      const page = await browser.open(`${plane.url}/experiments/home-row-ranking`)
      const signIn = async (name: string) => {
        await page.getByLabel('Token').fill(`${name}-token`)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('group', { name: 'Orders' }).waitFor()
      }
      const signOut = () => page.getByRole('button', { name: 'Sign out' }).click()
      const dialog = page.getByRole('dialog')
      const order = async (name: string, reason: string) => {
        await page.getByRole('button', { name }).click()
        await dialog.getByLabel('Reason').fill(reason)
        await dialog.getByRole('button', { name }).click()
      }
      const refuse = async (why: string) => {
        await dialog.getByRole('alert').getByText(why).waitFor()
        await screenshot(page, `refused-${why.split(' ')[0]?.toLowerCase()}`)
        await dialog.getByRole('button', { name: 'Cancel' }).click()
        await dialog.waitFor({ state: 'detached' })
      }
      // It carries out nothing that it does not say, so the page is what tells that it was done.
      const done = async (reason: string) => {
        await dialog.waitFor({ state: 'detached' })
        await page.locator('.journal').getByText(reason).waitFor()
      }

      await signIn('ada')
      await page.getByText('Advance needs the role admin; you are operator.').waitFor()
      expect(await page.getByRole('button', { name: 'Advance' }).isDisabled()).toBe(true)
      await order('Approve', 'The dashboards are quiet.')
      await done('The dashboards are quiet.')
      await page.getByText('1 of 2 approvals (ada)').waitFor()
      await order('Approve', 'Once more.')
      await refuse('ada has approved stage 1 already. It asks for 1 more; have another one look at it.')

      await signOut()
      await signIn('cyd')
      await order('Advance', 'It is late.')
      await refuse(
        'Stage 1 asks for 2 approvals and has 1. Have it approved first: nobody is asked to skip that.',
      )
      await order('Approve', 'Support has seen nothing.')
      await done('Support has seen nothing.')
      await page.getByText('2 of 2 approvals (ada, cyd)').waitFor()
      await screenshot(page, 'approved')
      await order('Advance', 'Both have looked at it.')
      await done('Both have looked at it.')
      await page.locator('.rollout-head .standing').getByText('stage 2 of 2').waitFor()

      await signOut()
      await signIn('bob')
      await page.getByText('You look on: orders need the role operator.').waitFor()
      for (const name of ['Hold', 'Abort']) {
        expect(await page.getByRole('button', { name }).isDisabled()).toBe(true)
      }
      await page.getByRole('link', { name: 'Audit trail' }).click()
      for (const what of ['approve refused', 'advance refused', 'approved', 'advanced']) {
        await page.getByRole('cell', { name: what, exact: true }).first().waitFor()
      }
      await screenshot(page, 'trail-orders')
      await page.close()
    })
  })

  describe('before a start', () => {
    let plane: DemoPlane
    afterEach(() => plane?.close())

    it('FEATURES A11, J4: says what is missing, takes an approval, and starts by itself when the report comes', async () => {
      plane = await startDemoPlane([], {
        ramp: { ...homeRowRanking.ramp, start: { readiness: true, approvals: 1 } },
      })
      const page = await browser.open(`${plane.url}/experiments/home-row-ranking`)
      const standing = page.locator('.rollout-head .standing')
      await standing.getByText('Awaiting start').waitFor()
      await standing.getByText('nobody is enrolled yet').waitFor()
      const decision = page.locator('.decision')
      await decision.getByText('A readiness report that passes every check is missing').waitFor()
      await decision.getByText('The start waits for people: 1 must approve').waitFor()
      await screenshot(page, 'awaiting-start')
      expect(await seriousOf(page)).toEqual([])
      await page.getByRole('button', { name: 'Approve' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('This is approval 1 of 1 that the start asks for.').waitFor()
      await dialog.getByLabel('Your name').fill('ada')
      await dialog.getByLabel('Reason').fill('The dry run was quiet.')
      await dialog.getByRole('button', { name: 'Approve' }).click()
      await page.getByText('1 of 1 approvals (ada)').waitFor()
      await page.getByRole('button', { name: 'Approve' }).waitFor({ state: 'detached' })
      await standing.getByText('Awaiting start').waitFor()

      const given = await fetch(`${plane.url}/v1/experiments/home-row-ranking/ready`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'ci', reason: 'Checked on staging.', report: readyReport() }),
      })
      expect(given.status).toBe(200)
      await standing.getByText('Running').waitFor()
      await standing.getByText('30 % of units').waitFor()
      const journal = page.locator('.journal')
      for (const word of ['Phase 1 opened', 'Approved', 'Found ready', 'Started']) {
        await journal.getByText(word, { exact: true }).waitFor()
      }
      await journal.getByText('The report, made').click()
      await journal.getByText('sample-ratio was looked at.').waitFor()
      await screenshot(page, 'started')
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.setViewportSize(PHONE)
      await expectNoSideways(page)
      await screenshot(page, 'phone-started-dark')
      expect(await seriousOf(page)).toEqual([])
      await page.close()
    })
  })

  describe('on rollouts of every kind', () => {
    let plane: FixturePlane
    let simulated: Awaited<ReturnType<typeof simulateAll>>
    beforeAll(async () => {
      simulated = await simulateAll(Date.now())
      plane = await startFixturePlane(simulated, { name: null, role: 'admin' })
    })
    afterAll(() => plane?.close())

    it.each(PATHS)('axe finds nothing serious on %s, in light and in dark', async (path) => {
      const page = await browser.open(`${plane.url}${path}`)
      await drawn(page, path)
      const name = `page${path.replaceAll('/', '-')}`
      await screenshot(page, name)
      await page.emulateMedia({ colorScheme: 'dark' })
      await screenshot(page, `${name}-dark`)
      await unfold(page)
      expect(await seriousOf(page, ['color-contrast'])).toEqual([])
      await page.emulateMedia({ colorScheme: 'light' })
      expect(await seriousOf(page)).toEqual([])
      await page.close()
    })

    it('axe finds nothing serious in a confirmation, nor where a token is asked for', async () => {
      const page = await browser.open(`${plane.url}/experiments/home-row-warm-cache`)
      await page.getByRole('button', { name: 'Abort' }).click()
      await page.getByRole('dialog').waitFor()
      expect(await seriousOf(page)).toEqual([])
      await page.close()
      const closed = await startFixturePlane(simulated, { name: 'bob', role: 'viewer' }, true)
      const signIn = await browser.open(closed.url)
      expect(await seriousOf(signIn)).toEqual([])
      await signIn.close()
      await closed.close()
    })

    it.each([
      [
        'resume-point',
        ['Baking', 'everybody gets session, but for 20 % who stay in the trial', 'Shipping for good'],
      ],
      [
        'trailer-autoplay',
        ['Guardrails in shadow would have aborted', 'Would have aborted. Guardrail ranking_latency'],
      ],
      ['kids-row', ['input drift', 'most at tv with', 'take a new reference in a new phase']],
      ['up-next', ['Held for 8 s, and the plan allows 8 s, and once 1 min more while evidence arrives']],
    ])('tells of %s what there is to know', async (key, sentences) => {
      const page = await browser.open(`${plane.url}/experiments/${key}`)
      for (const sentence of sentences) await page.getByText(sentence).first().waitFor()
      await page.close()
    })

    it.each(PATHS)('%s fits a phone without scrolling sideways, with every table unfolded', async (path) => {
      const page = await browser.open(`${plane.url}${path}`, { viewport: PHONE })
      await drawn(page, path)
      await expectNoSideways(page)
      await screenshot(page, `phone${path.replaceAll('/', '-')}`)
      await unfold(page)
      await expectNoSideways(page)
      await page.close()
    })

    it('shows the shares of an input that has drifted', async () => {
      const page = await browser.open(`${plane.url}/experiments/kids-row`)
      await unfold(page)
      const rows = page.getByRole('table', { name: 'the shares of platform' }).getByRole('row')
      expect(await rows.nth(1).allInnerTexts()).toEqual([expect.stringMatching(/^tv\s+60 %\s+33/)])
      await page.close()
    })

    it('I8: shows how far each arm came, calls apart from units, with the numbers behind', async () => {
      const page = await browser.open(`${plane.url}/experiments/continue-watching.v2`)
      const { audit } = simulated.find(({ view }) => view.experiment.key === 'continue-watching.v2')!.view
      const { calls, units } = audit!.funnel!
      expect(calls!.assigned['session']).toBeGreaterThan(1_000)
      const funnel = page.getByRole('figure').filter({ hasText: 'From assignment to outcome' })
      const count = (value: number | undefined) => value!.toLocaleString('en-US')
      for (const [step, counts] of [
        ['Assignments served', calls!.assigned],
        ['Calls of expose, of assignments served', calls!.exposed],
        ['Units exposed', units.exposed],
        ['Units whose window has closed, of units exposed', units.settled],
        ['Units with an outcome, of those', units.withOutcome],
      ] as const) {
        const said = `${step}: popularity ${count(counts['popularity'])}`
        expect(await funnel.getByRole('img').getAttribute('aria-label')).toContain(said)
      }
      expect(await funnel.locator('.bar').count()).toBe(10)
      await unfold(page)
      const row = funnel.getByRole('row', { name: 'Units with an outcome' })
      await row.getByText(count(units.withOutcome['session']), { exact: true }).waitFor()
      await page.setViewportSize(PHONE)
      await expectNoSideways(page)
      await page.close()
    })

    it('the audit trail on a phone has its reasons in sight', async () => {
      const page = await browser.open(`${plane.url}/trail`, { viewport: PHONE })
      const { x, width } = (await page.locator('.trail .why').first().boundingBox()) ?? { x: -1, width: 0 }
      expect(x).toBeGreaterThan(0)
      expect(width).toBeGreaterThan(200)
      expect(x + width).toBeLessThan(PHONE.width)
      await page.close()
    })

    it('saves a rollout as a page that needs no server and no script', async () => {
      const page = await browser.open(`${plane.url}/experiments/home-row-ranking`)
      await page.locator('.chart .band').first().waitFor()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Save this page' }).click(),
      ])
      const file = fileURLToPath(new URL('../screenshots/saved.html', import.meta.url))
      await download.saveAs(file)
      const text = await readFile(file, 'utf8')
      expect(text).toMatch(/^<!doctype html>\n<html lang="en">/)
      expect(text).not.toMatch(/<script|<link|url\(http|NaN|undefined/)
      await page.close()

      const saved = await browser.open(pathToFileURL(file).href, { javaScriptEnabled: false })
      await saved.locator('.decision .lead').getByText('wholly beyond the margin of 50').waitFor()
      expect(await saved.getByRole('img').count()).toBe(7)
      expect(await saved.locator('.numbers table').count()).toBe(7)
      await screenshot(saved, 'saved')
      await saved.close()
    })

    it('has words for nothing, for what is not there, and for what failed', async () => {
      const bare = await startFixturePlane([], { name: null, role: 'admin' })
      for (const [path, words] of [
        ['/', 'No rollouts yet'],
        ['/trail', 'Nothing has been done yet.'],
        ['/experiments/nothing', 'There is no nothing here.'],
        ['/nowhere', 'There is no such page'],
      ] as const) {
        const page = await browser.open(`${bare.url}${path}`)
        await page.getByText(words).waitFor()
        expect(await seriousOf(page)).toEqual([])
        await page.close()
      }
      await bare.close()
    })

    it('asks again for what nobody has answered', async () => {
      const page = await browser.open(`${plane.url}/`)
      await page.getByText('Live', { exact: true }).waitFor()
      let asked = 0
      await page.route('**/decisions?*', (route) => ((asked += 1) === 1 ? route.abort() : route.continue()))
      await page.getByRole('link', { name: 'home-row-ranking' }).click()
      await page.getByRole('alert').getByText('The control plane does not answer.').waitFor()
      await page.locator('.journal > li').first().waitFor()
      expect(await page.getByRole('alert').count()).toBe(0)
      await page.close()
    })

    it('says since when it is not live, and is live again by itself', async () => {
      const other = await startFixturePlane(simulated, { name: null, role: 'admin' })
      const page = await browser.open(`${other.url}/experiments/home-row-ranking`)
      await page.getByText('Live', { exact: true }).waitFor()
      await other.close()
      await page
        .locator('.stale')
        .getByText(/Not live since|does not answer/)
        .waitFor()
      expect(await page.locator('.decision .lead').textContent()).toContain('wholly beyond the margin')
      const again = await startFixturePlane(
        simulated,
        { name: null, role: 'admin' },
        false,
        new URL(other.url).port,
      )
      await page.getByText('Live', { exact: true }).waitFor(PATIENCE)
      await page.locator('.stale').waitFor({ state: 'detached' })
      await page.close()
      await again.close()
    })
  })
})

async function unfold(page: Page): Promise<void> {
  await page.evaluate('document.querySelectorAll("details").forEach((one) => (one.open = true))')
}

/** Until all of a page is there that a server must be asked for. */
async function drawn(page: Page, path: string): Promise<void> {
  if (!path.startsWith('/experiments/')) return
  await page.locator('.chart .band').first().waitFor()
  await page.locator('.journal > li').first().waitFor()
}

/** What axe calls serious or critical, each with where it is; of all rules, or of those named. */
async function seriousOf(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source)
  const options = JSON.stringify(rules === undefined ? {} : { runOnly: rules })
  const { violations } = (await page.evaluate(`axe.run(${options})`)) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
    )
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(
    "(document.activeElement?.labels?.[0] ?? document.activeElement)?.textContent?.trim() ?? ''",
  )
}

/** Presses Tab until what is so named has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${name} cannot be reached by Tab.`)
}
