import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localPlane } from '../../test/local-plane.ts'
import { type KeptFiles, readConsoleFile } from './console-files.ts'

let directory: string
let plane: Awaited<ReturnType<typeof localPlane>>
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairtrial-console-'))
  const consoleFolder = join(directory, 'dist')
  await mkdir(join(consoleFolder, 'assets'), { recursive: true })
  await writeFile(join(directory, 'secret.txt'), 'a secret')
  await writeFile(join(consoleFolder, 'index.html'), '<title>console</title>')
  await writeFile(join(consoleFolder, 'assets', 'index-B4d_x.js'), 'run()')
  await writeFile(join(consoleFolder, 'assets', '.hidden.js'), 'a secret')
  await writeFile(join(consoleFolder, 'assets', 'notes.secret'), 'a secret')
  await symlink(join(directory, 'secret.txt'), join(consoleFolder, 'assets', 'linked.txt'))
  await symlink(directory, join(consoleFolder, 'assets', 'up'))
  await mkdir(join(consoleFolder, 'assets', 'folder.js'))
  plane = await localPlane({ consoleFolder })
})
afterAll(async () => {
  await plane.close()
  await plane.remove()
  await rm(directory, { recursive: true })
})

/** A request line as it is written: `fetch` would tidy it. */
async function raw(target: string): Promise<string> {
  const socket = connect(Number(new URL(plane.url).port), '127.0.0.1')
  socket.write(`GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

describe('the console', () => {
  it('is the page at / and at every rollout, and what it loads', async () => {
    for (const path of ['/', '/experiments/home-row', '/?x=1']) {
      const page = await plane.get(path)
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      expect(await page.text()).toContain('console')
      expect(page.headers.get('cache-control')).toBe('no-store')
    }
    const script = await plane.get('/assets/index-B4d_x.js')
    expect(await script.text()).toBe('run()')
    expect(script.headers.get('content-type')).toContain('text/javascript')
    expect(script.headers.get('cache-control')).toContain('immutable')
  })

  it('FAULTS 64: is one copy for all who ask, until it is another file', async () => {
    const folder = join(directory, 'dist')
    const kept: KeptFiles = new Map()
    const read = async () => (await readConsoleFile(folder, ['again.html'], kept))?.content
    await writeFile(join(folder, 'again.html'), 'before')
    const before = await read()
    expect(await read()).toBe(before)
    await writeFile(join(folder, 'again.html'), 'after it')
    expect(String(await read())).toBe('after it')
    expect(await readConsoleFile(folder, ['none.html'], kept)).toBeNull()
    expect(kept.size).toBe(1)
  })

  it('FAULTS 65: runs its own scripts only, in no frame', async () => {
    const { headers } = await plane.get('/')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    )
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('set-cookie')).toBeNull()
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  })

  it.each([
    '/assets/../../secret.txt',
    '/assets/..',
    '/assets/.',
    '/assets/',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/..\\..\\secret.txt',
    '/assets/%252e%252e%252fsecret.txt',
    '/assets/..%c0%af..%c0%afsecret.txt',
    '/assets/....//....//secret.txt',
    '/assets//etc/passwd',
    '//etc/passwd',
    '/../../../../etc/passwd',
    '/assets/up/secret.txt',
    '/assets/up%2fsecret.txt',
    '/assets/linked.txt',
    '/assets/linked.txt%00.js',
    '/assets/index-B4d_x.js%00',
    '/assets/.hidden.js',
    '/assets/notes.secret',
    '/assets/folder.js',
    '/assets/folder.js/',
    '/experiments/../secret.txt',
    '/experiments/%2e%2e',
    '/index.html/../../secret.txt',
    'http://127.0.0.1/assets/../../secret.txt',
    'file:///etc/passwd',
    `/assets/${'a'.repeat(300)}.js`,
  ])('FAULTS 63: leads nowhere else: %s', async (target) => {
    const answer = await raw(target)
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404) /)
    expect(answer).not.toMatch(/a secret|root:/)
  })

  it('FAULTS 63: answers no path with a NUL or a line feed in it', async () => {
    for (const target of ['/assets/index-B4d_x.js\0', '/assets/a\nb.js']) {
      expect(await raw(target)).toMatch(/^HTTP\/1\.1 (400|404) /)
    }
  })

  it.each([
    ['installed', () => null, 'Install @fairtrial/console'],
    ['built', () => join(directory, 'not-built'), 'apps/console build'],
  ])('says what to do where it is not %s', async (_, folder, remedy) => {
    const bare = await localPlane({ consoleFolder: folder() })
    try {
      const page = await bare.get('/')
      expect(page.status).toBe(404)
      expect(await page.text()).toContain(remedy)
    } finally {
      await bare.close()
      await bare.remove()
    }
  })
})
