import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startRollout } from '@fairtrial/rollout'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fairtrial, folderWith, NOW } from '../../test/terminal.ts'
import { trialYaml } from '../../test/trial.ts'
import { readDefinition } from '../definition-file.ts'

interface Asked {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly body: string
}

/** A control plane that answers one thing, and what it was asked. */
async function controlPlane(status: number, answer: unknown) {
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      asked.push({ method: request.method, url: request.url, body })
      response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => new Promise((resolve) => server.close(resolve))
  onTestFinished(() => void close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}

async function viewOf(change: object = {}) {
  const experiment = await readDefinition(folderWith({ 'trial.yaml': trialYaml })('trial.yaml'))
  const state = {
    ...startRollout(experiment, { now: NOW }),
    status: 'aborted',
    revision: 2,
    cause: 'By hand.',
  }
  const proof = {
    proved: false,
    servedForMs: 0,
    waitingFor: ['svc-1 has not acknowledged revision 2 yet.'],
    violated: [],
  }
  return {
    schema: 'fairtrial.rollout/1',
    state,
    decision: null,
    evaluation: null,
    audit: null,
    proof,
    transitions: [],
    error: null,
    ...change,
  }
}

describe('rollout', () => {
  it('hands on what the control plane tells', async () => {
    const view = await viewOf()
    const { url, asked } = await controlPlane(200, view)
    const { code, document } = await fairtrial([
      'rollout',
      'status',
      'home ranking',
      '--control',
      url,
      '--json',
    ])
    expect(code).toBe(0)
    expect(document).toEqual(view)
    expect(asked).toEqual([{ method: 'GET', url: '/v1/experiments/home%20ranking', body: '' }])
  })

  it('aborts with a reason, and tells how far the rollback is', async () => {
    const { url, asked } = await controlPlane(200, await viewOf())
    const args = [
      'rollout',
      'abort',
      'home-ranking',
      '--control',
      `${url}/`,
      '--by',
      'ada',
      '--reason',
      'search is down',
    ]
    const { code, stdout } = await fairtrial(args)
    expect(code).toBe(0)
    expect(asked).toEqual([
      {
        method: 'POST',
        url: '/v1/experiments/home-ranking/abort',
        body: '{"by":"ada","reason":"search is down"}',
      },
    ])
    expect(stdout).toBe(
      'home-ranking: aborted, stage 1, 100 % of traffic, phase 1, revision 2\n  By hand.\n' +
        '  rollback not proved\n    svc-1 has not acknowledged revision 2 yet.\n',
    )
    const proof = { proved: true, servedForMs: 120, waitingFor: [], violated: [] }
    const proved = await controlPlane(200, await viewOf({ proof }))
    const { stdout: later } = await fairtrial(['rollout', 'status', 'home-ranking', '--control', proved.url])
    expect(later).toContain('rollback proved; the last treatment was served 120 ms after the abort')
  })

  it('tells of a rollout without a state', async () => {
    const { url } = await controlPlane(200, await viewOf({ state: null, proof: null }))
    expect(await fairtrial(['rollout', 'status', 'k', '--control', url])).toMatchObject({
      code: 0,
      stdout: 'k: no state yet\n',
    })
  })

  it('exits 2 of a refusal, with its remedy', async () => {
    const refusal = {
      code: 'finished',
      detail: 'k is aborted already.',
      remedy: 'There is nothing to take back.',
    }
    const { url } = await controlPlane(409, refusal)
    const args = ['rollout', 'abort', 'k', '--reason', 'x', '--control', url, '--json']
    expect(await fairtrial(args)).toMatchObject({
      code: 2,
      stderr: 'fairtrial: The control plane refuses: k is aborted already. There is nothing to take back.\n',
      document: { schema: 'fairtrial.error/1', code: 'refused' },
    })
  })

  it.each([
    [500, { code: 'internal', detail: 'The disk is full.', remedy: 'Make room.' }],
    [200, '<html>'],
    [200, { status: 'ok' }],
    [404, 'Not found'],
  ])('exits 6 where %i %j is answered', async (status, answer) => {
    const { url } = await controlPlane(status, answer)
    const { code, stderr } = await fairtrial(['rollout', 'status', 'k', '--control', url])
    expect(code).toBe(6)
    expect(stderr).toContain(`The control plane at ${url} answered ${status}: `)
  })

  it('exits 6 where nobody listens, and 2 of what is no URL', async () => {
    const { url, close } = await controlPlane(200, {})
    await close()
    const nobody = ['rollout', 'status', 'k', '--control', url, '--json']
    expect(await fairtrial(nobody)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('cannot be reached: connect ECONNREFUSED 127.0.0.1'),
      document: { code: 'unreachable' },
    })
    for (const url of ['nowhere', 'ftp://127.0.0.1'])
      expect(await fairtrial(['rollout', 'status', 'k', '--control', url])).toMatchObject({ code: 2 })
    expect(await fairtrial(['rollout', 'abort', 'k'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--reason'),
    })
  })
})
