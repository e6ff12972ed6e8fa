import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localPlane, NDJSON } from '../../test/local-plane.ts'
import { bearer, kept, TOKENS, writeTokens } from '../../test/tokens-file.ts'
import type { PlaneNotice } from '../notice.ts'
import { mayAct, type Role } from './caller.ts'

let directory: string
let open: Awaited<ReturnType<typeof localPlane>>
let guarded: Awaited<ReturnType<typeof localPlane>>
const notices: PlaneNotice[] = []
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-admit-'))
  const tokensFile = join(directory, 'tokens.json')
  await writeTokens(tokensFile, [kept('expired', { role: 'admin', expiresAt: 1 })])
  open = await localPlane()
  guarded = await localPlane({ tokensFile, onNotice: (notice) => notices.push(notice) })
})
afterAll(async () => {
  for (const plane of [open, guarded]) {
    await plane.close()
    await plane.remove()
  }
  await rm(directory, { recursive: true })
})

const ROLES = Object.keys(TOKENS) as Role[]

/** Asks for a route as little as it takes to be let in or not. */
async function ask(method: string, path: string, headers: Record<string, string>): Promise<number> {
  const body = method === 'POST' ? { body: '{}' } : {}
  const address = `${guarded.url}${path.replace(':key', 'other')}`
  const stop = new AbortController()
  const response = await fetch(address, { method, headers, signal: stop.signal, ...body })
  stop.abort()
  return response.status
}

describe('with tokens', () => {
  it('FAULTS 62: every route asks for its role: 401 without a token that is in force, 403 with too small a one', async () => {
    expect(guarded.routes.length).toBeGreaterThan(10)
    for (const { method, path, role } of guarded.routes) {
      const told = `${method} ${path}`
      if (role === null) {
        expect([401, 403], told).not.toContain(await ask(method, path, {}))
        continue
      }
      for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Bearer expired', `Basic ${TOKENS.admin}`]) {
        expect(await ask(method, path, { authorization }), `${told} with ${authorization}`).toBe(401)
      }
      for (const held of ROLES) {
        const status = await ask(method, path, bearer(TOKENS[held]))
        if (mayAct(held, role)) expect([401, 403], `${told} by ${held}`).not.toContain(status)
        else expect(status, `${told} by ${held}`).toBe(403)
      }
    }
  })

  it('says how to be let in, and no more', async () => {
    const response = await guarded.get('/v1/experiments/home-row')
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({ code: 'unauthorized' })
  })

  it('refuses two tokens in one request: what stands before it may have looked at the other', async () => {
    const order = (...held: readonly string[]) =>
      new Promise((resolve, reject) => {
        const headers = held.flatMap((token) => ['authorization', `Bearer ${token}`])
        const { port } = new URL(guarded.url)
        const asked = get({ port, path: '/v1/me', headers: ['host', 'plane.example', ...headers] })
        asked.once('response', (response) => resolve(response.resume().statusCode)).once('error', reject)
      })
    expect(await order(TOKENS.admin, TOKENS.viewer)).toBe(400)
    expect(await order(TOKENS.viewer, TOKENS.viewer)).toBe(400)
    expect(await order(TOKENS.viewer)).toBe(200)
  })

  it('knows who asks, by whatever name the machine is called', async () => {
    const me = await guarded.get('/v1/me', { ...bearer(TOKENS.viewer), host: 'plane.example' })
    expect(await me.json()).toEqual({ name: 'the viewer', role: 'viewer' })
    expect(await (await open.get('/v1/me')).json()).toEqual({ name: null, role: 'admin' })
  })

  it('an order is signed with the name of the token, whatever its body says; one that is refused is told', async () => {
    const path = '/v1/experiments/home-row/abort'
    const body = JSON.stringify({ by: 'somebody else', reason: 'Complaints.' })
    expect((await guarded.post(path, body, bearer(TOKENS.viewer))).status).toBe(403)
    expect(notices.at(-1)).toMatchObject({
      kind: 'order-refused',
      experiment: 'home-row',
      action: 'abort',
      by: 'the viewer',
      role: 'viewer',
      status: 403,
      code: 'forbidden',
    })
    const done = await guarded.post(path, body, bearer(TOKENS.operator))
    expect(await done.json()).toMatchObject({ by: 'the operator', reason: 'Complaints.' })
    expect(notices.filter(({ kind }) => kind === 'transition')).toMatchObject([
      { role: 'controller', transition: { from: null } },
      { role: 'operator', transition: { by: 'the operator', to: { status: 'aborted' } } },
    ])
    const again = await guarded.post(path, JSON.stringify({ reason: 'Again.' }), bearer(TOKENS.operator))
    expect(again.status).toBe(409)
    expect(notices.at(-1)).toMatchObject({ kind: 'order-refused', by: 'the operator', code: 'finished' })
  })
})

describe('a page of another site', () => {
  it.each([
    ['an origin that is another', { origin: 'https://evil.example' }],
    ['an origin that is hidden', { origin: 'null' }],
    ['a browser that says so', { 'sec-fetch-site': 'cross-site' }],
    ['a neighbour of the same site', { 'sec-fetch-site': 'same-site' }],
  ])('FAULTS 65: has nothing done for it: %s', async (_, headers) => {
    const order = JSON.stringify({ by: 'eve', reason: 'x' })
    const refused = await open.post('/v1/experiments/home-row/abort', order, headers as never)
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'cross-site' }])
    expect((await open.post('/v1/events', '', { ...NDJSON, ...headers } as never)).status).toBe(403)
    expect((await open.plane.view('home-row')).state?.status).toBe('running')
  })

  it('FAULTS 65: may not read, frame or keep anything, and is given no cookie', async () => {
    const evil = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    for (const response of [
      await open.get('/v1/experiments', evil),
      await fetch(`${open.url}/v1/experiments/home-row/abort`, { method: 'OPTIONS', headers: evil }),
      await open.get('/nothing/here', evil),
    ]) {
      const names = [...response.headers.keys()]
      expect(names.filter((name) => name.startsWith('access-control') || name === 'set-cookie')).toEqual([])
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(response.headers.get('x-frame-options')).toBe('DENY')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  it('is another than the console itself', async () => {
    const own = { origin: open.url, 'sec-fetch-site': 'same-origin' }
    const answer = await open.post('/v1/experiments/home-row/abort', '{}', own)
    expect(await answer.json()).toMatchObject({ code: 'invalid-argument' })
  })
})
