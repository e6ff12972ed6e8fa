import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { JarLock } from './jars.ts'
import { fetchJars, readJarLock } from './jars.ts'

const JARS = { 'org/one/1/one-1.jar': 'the first jar', 'org/two/2/two-2.jar': 'the second jar' }

let folder: string
let cache: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairtrial-jars-'))
  cache = join(folder, 'cache')
  for (const [path, content] of Object.entries(JARS)) {
    await mkdir(join(folder, 'repository', path, '..'), { recursive: true })
    await writeFile(join(folder, 'repository', path), content)
  }
  vi.stubEnv('KAFKA_MAVEN_REPOSITORY', pathToFileURL(join(folder, 'repository')).href)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

function lockOf(jars: Record<string, string>): JarLock {
  const digest = (content: string) => createHash('sha256').update(content).digest('hex')
  return {
    version: '1',
    java: 17,
    jars: Object.entries(jars).map(([path, content]) => ({ path, sha256: digest(content) })),
  }
}

describe('the jars', () => {
  it('are what the lock names, in its order', async () => {
    const paths = await fetchJars(lockOf(JARS), cache)
    expect(paths.map((path) => basename(path))).toEqual(['one-1.jar', 'two-2.jar'])
    expect(await readFile(paths[1]!, 'utf8')).toBe('the second jar')
  })

  it('are refused, and nothing is kept, when one has another checksum', async () => {
    const lock = lockOf({ ...JARS, 'org/two/2/two-2.jar': 'what it should be' })
    await expect(fetchJars(lock, cache)).rejects.toThrow(/two-2\.jar is not the file of the lock/)
    expect(await readdir(cache)).toEqual([])
  })

  it('are refused when one was changed in the cache', async () => {
    const [path] = await fetchJars(lockOf(JARS), cache)
    await writeFile(path!, 'something else')
    await expect(fetchJars(lockOf(JARS), cache)).rejects.toThrow(
      /one-1\.jar is not the file of the lock.*Remove the folder/,
    )
  })

  it('may be fetched by several at the same time', async () => {
    const found = await Promise.all([1, 2, 3, 4].map(() => fetchJars(lockOf(JARS), cache)))
    expect(new Set(found.flat()).size).toBe(2)
    expect(await readdir(cache)).toHaveLength(1)
  })

  it('are asked for again when the repository stumbles', async () => {
    let asked = 0
    const server = createServer((request, response) => {
      asked += 1
      if (asked === 1) response.writeHead(503).end()
      else response.end(JARS[request.url!.slice(1) as keyof typeof JARS])
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      vi.stubEnv('KAFKA_MAVEN_REPOSITORY', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      expect(await fetchJars(lockOf(JARS), cache)).toHaveLength(2)
      expect(asked).toBe(3)
    } finally {
      server.close()
    }
  })

  it('say where else to look when they cannot be had', async () => {
    const lock = lockOf({ 'org/three/3/three-3.jar': 'not there' })
    await expect(fetchJars(lock, cache)).rejects.toThrow(/cannot fetch file:.*Set KAFKA_MAVEN_REPOSITORY/)
  })

  it('come from Maven paths under a sha256 each', async () => {
    const { version, jars } = await readJarLock()
    expect(jars.map(({ path }) => path)).toContain(
      `org/apache/kafka/kafka_2.13/${version}/kafka_2.13-${version}.jar`,
    )
    for (const { sha256 } of jars) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  })
})
