import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const flags = ['--conditions=@fairtrial/source', '--import', import.meta.resolve('tsx')]
const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

/** `fairtrial serve` as a process of its own, which ends with the test. */
export function serving(args: readonly string[], TMPDIR = tmpdir()) {
  const child: ChildProcess = spawn(process.execPath, [...flags, bin, 'serve', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR },
  })
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  // SIGTERM is passed on: nothing stays behind where a test fails.
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  return {
    ended,
    /** Whoever reads what it says is gone. */
    leave(stream: 'stdout' | 'stderr') {
      child[stream]?.destroy()
    },
    end: (signal: NodeJS.Signals) => (child.kill(signal), ended),
    async url(): Promise<string> {
      const line = once(createInterface(child.stdout!), 'line').then(
        ([text]) => JSON.parse(String(text)).listening,
      )
      return Promise.race([line, ended.then(({ stderr }) => Promise.reject(new Error(stderr)))])
    },
  }
}
