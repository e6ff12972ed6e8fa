import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A program of this folder, in a process of its own. */
export interface Child {
  /** SIGKILL. */
  kill(): void
  signal(name: NodeJS.Signals): void
  /** Resolves when it is gone. */
  readonly ended: Promise<unknown>
  /** Says `stop`, and waits for the last line that it prints. Rejects where it ends otherwise. */
  stop(): Promise<unknown>
}

/** Starts a program of this folder, on the sources. Resolves at its first line. */
export async function startChild(
  program: string,
  options: object,
  environment: { readonly [name: string]: string } = {},
): Promise<Child> {
  const file = fileURLToPath(new URL(`./${program}`, import.meta.url))
  const flags = ['--import', 'tsx', '--conditions=@fairtrial/source', '--no-warnings']
  const child = spawn(process.execPath, [...flags, file, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors = `${errors}${chunk}`.slice(-4_000)))
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), ended.then(() => refuse(program, child, errors))])
  return {
    ended,
    kill: () => void child.kill('SIGKILL'),
    signal: (name) => void child.kill(name),
    async stop() {
      child.stdin.write('stop\n')
      await ended
      if (child.exitCode !== 0) refuse(program, child, errors)
      return JSON.parse(output.trim().split('\n').at(-1) ?? '')
    },
  }
}

function refuse(program: string, { exitCode, signalCode }: ChildProcess, errors: string): never {
  throw new Error(`${program} ended with ${exitCode ?? signalCode}:\n${errors}`)
}
