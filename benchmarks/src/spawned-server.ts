import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Experiment } from '@fairtrial/protocol'

/** A server in a process of its own. */
export interface SpawnedServer {
  readonly url: string
  stop(): Promise<void>
}

/** The control plane, of these experiments, on files if nothing else is said; its loops turn when they start, and an hour later. */
export async function spawnPlane(
  experiments: readonly Experiment[],
  more: readonly string[] = [],
): Promise<SpawnedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'fairtrial-plane-'))
  const definitions = experiments.map((experiment) => {
    const { schemaVersion: _, fingerprint: _f, ...definition } = experiment
    const path = join(folder, `${experiment.key}.json`)
    writeFileSync(path, JSON.stringify(definition))
    return ['--definition', path]
  })
  const hour = '3600000'
  const args = ['--data', join(folder, 'data'), '--port', '0', '--tick-ms', hour, '--lease-ms', hour]
  const server = await spawnServer(new URL('../../apps/control-plane/src/main.ts', import.meta.url), [
    ...definitions.flat(),
    ...args,
    ...more,
  ])
  return {
    url: server.url,
    async stop() {
      await server.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

/** `node:http` and nothing else. */
export function spawnBareServer(): Promise<SpawnedServer> {
  return spawnServer(new URL('bare-server.ts', import.meta.url), [])
}

async function spawnServer(file: URL, args: readonly string[]): Promise<SpawnedServer> {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(file), ...args])
  // Read, so that it can go on writing; shown where it ends too soon.
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) =>
    Promise.reject(new Error(`${file.pathname} ended with ${code}: ${said}`)),
  )
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), failed])) as [string]
  failed.catch(() => undefined)
  const { listening } = JSON.parse(line) as { listening: string }
  return {
    url: listening,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
