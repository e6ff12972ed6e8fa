import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** The control plane as a process of its own. */
export function spawnPlane(args: readonly string[]) {
  const flags = ['--conditions=@fairtrial/source', '--import', import.meta.resolve('tsx')]
  const child = spawn(process.execPath, [...flags, main, ...args], { stdio: 'pipe' })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return {
    child,
    ended,
    /** Where it listens. Rejects where it ends before. */
    async url(): Promise<string> {
      const first = once(createInterface(child.stdout), 'line').then(
        ([line]) => JSON.parse(String(line)).listening,
      )
      return Promise.race([
        first,
        ended.then(({ code }) => Promise.reject(new Error(`ended with ${code}: ${stderr}`))),
      ])
    },
    end(signal: NodeJS.Signals) {
      child.kill(signal)
      return ended
    },
  }
}
