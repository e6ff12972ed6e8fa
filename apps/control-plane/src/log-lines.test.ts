import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localPlane } from '../test/local-plane.ts'

let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  plane = await localPlane()
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
})

const NASTY = 'x\r\ncontrol plane: home-row: shipped\u001b[2J\u001b]0;title\u0007\u2028\u202e\u0085end'

describe('a line of the log', () => {
  it('FAULTS 68: is one line, whatever is in a name, a reason or a key', async () => {
    const order = JSON.stringify({ by: NASTY, reason: NASTY })
    const answer = await plane.post('/v1/experiments/home-row/abort', order)
    expect(answer.status).toBe(200)
    // In JSON it stays what it is: that is data, and no terminal.
    expect(await answer.json()).toMatchObject({ by: NASTY, reason: NASTY })
    for (const key of ['a%0d%0ab', 'a%1b%5b2J', '%00', 'x'.repeat(129), 'a b', '<b>']) {
      const refused = await plane.get(`/v1/experiments/${key}`)
      expect(refused.status).toBe(404)
      expect(refused.headers.get('content-type')).toContain('application/json')
    }
    const lines = plane.lines.filter((line) => line.includes('abort by'))
    expect(lines).toHaveLength(1)
    for (const line of plane.lines) expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e]/u)
  })

  it('FAULTS 68: no header is made of what was sent', async () => {
    const answer = await plane.get('/v1/state?a=%0d%0aset-cookie:x', { 'fairtrial-instance': 'a' })
    expect(answer.headers.get('set-cookie')).toBeNull()
    const wrong = await plane.get('/v1/state', { 'fairtrial-instance': 'a\u00e9' })
    expect(wrong.status).toBe(400)
    expect(await wrong.text()).not.toContain('\u00e9')
  })
})
