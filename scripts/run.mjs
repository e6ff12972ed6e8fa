// Runs one of the workspace's commands, installing the dependencies first when they are missing.
// Nothing but the command itself writes to stdout, so that `pnpm -s fairtrial … --json` can be piped
// on a fresh clone too.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [command, ...args] = process.argv.slice(2)
if (command === undefined) {
  console.error('usage: node scripts/run.mjs COMMAND [ARG…] (a .ts file or a tool of the workspace)')
  process.exit(2)
}

installWhenStale()

const file = resolve(root, command)
const child = command.endsWith('.ts')
  ? spawn(process.execPath, [...sourceFlags(), file, ...args], { stdio: 'inherit' })
  : spawn(join(root, 'node_modules/.bin', command), args, { stdio: 'inherit', cwd: root })

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
  const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  const wanted = read(join(root, 'pnpm-lock.yaml'))
  const installed = read(join(root, 'node_modules/.pnpm/lock.yaml'))
  if (wanted !== undefined && wanted === installed) return
  const pnpm = process.env.npm_execpath
  if (pnpm === undefined) {
    console.error('the dependencies are not installed; run `npx -y pnpm@10 install` first')
    process.exit(1)
  }
  console.error('installing the dependencies …')
  const script = /\.[cm]?js$/.test(pnpm)
  const { status } = spawnSync(
    script ? process.execPath : pnpm,
    [...(script ? [pnpm] : []), 'install', '--frozen-lockfile', '--reporter=append-only'],
    { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, CI: 'true' } },
  )
  if (status !== 0) process.exit(status ?? 1)
}
