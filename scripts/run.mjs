// Runs one of the workspace's commands, installing the dependencies first when they are missing.
// Nothing but the command itself writes to stdout, so that `pnpm -s fairtrial … --json` can be piped
// on a fresh clone too.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const lock = join(root, '.installing')
const [command, ...args] = process.argv.slice(2)
if (command === undefined) {
  console.error('usage: node scripts/run.mjs COMMAND [ARG…] (a .ts file or a tool of the workspace)')
  process.exit(2)
}

installWhenStale()

const file = resolve(root, command)
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1' }
const child = command.endsWith('.ts')
  ? spawn(process.execPath, [...sourceFlags(), file, ...args], { stdio: 'inherit' })
  : spawn(join(root, 'node_modules/.bin', command), args, { stdio: 'inherit', cwd: root, env })

// The child gets the terminal's signals itself; a supervisor's signals are passed on.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  console.error(`cannot start ${command}: ${error.message}`)
  process.exit(1)
})
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))

/** Node flags that run the workspace's TypeScript sources without a build. */
function sourceFlags() {
  const loader = pathToFileURL(join(root, 'node_modules/tsx/dist/loader.mjs')).href
  return ['--conditions=@fairtrial/source', '--import', loader]
}

function installWhenStale() {
  if (isFresh() && !existsSync(lock)) return
  holdLock()
  try {
    if (isFresh()) return
    console.error('installing the dependencies …')
    // The pnpm that runs us, if one does. Its stdout goes to our stderr.
    const pnpm = process.env.npm_execpath ?? ''
    const [program, ...before] = !/pnpm[^/\\]*$/.test(pnpm)
      ? ['npx', '-y', 'pnpm@10']
      : /\.[cm]?js$/.test(pnpm)
        ? [process.execPath, pnpm]
        : [pnpm]
    const { status, error } = spawnSync(
      program,
      [...before, 'install', '--frozen-lockfile', '--reporter=append-only'],
      { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, CI: 'true' } },
    )
    if (error !== undefined) console.error(`cannot start ${program}: ${error.message}`)
    if (status !== 0) process.exitCode = status ?? 1
  } finally {
    rmSync(lock, { force: true })
  }
  if (process.exitCode) process.exit()
}

/** Whether what is installed is what the lockfile asks for. */
function isFresh() {
  const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  const wanted = read(join(root, 'pnpm-lock.yaml'))
  return wanted !== undefined && wanted === read(join(root, 'node_modules/.pnpm/lock.yaml'))
}

/** Two first runs at a time: the second waits for the first, then finds everything installed. */
function holdLock() {
  const mine = `${lock}.${process.pid}`
  writeFileSync(mine, `${process.pid}`)
  for (let waited = false; ; waited = true) {
    try {
      linkSync(mine, lock) // fails when there is one; a rename would replace it
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isHeld()) {
      if (!waited) console.error('waiting for another run to install the dependencies …')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    } else {
      rmSync(lock, { force: true })
    }
  }
  rmSync(mine)
}

/** Whether the process that wrote the lock is still alive. */
function isHeld() {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
