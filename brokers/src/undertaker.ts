import { spawn } from 'node:child_process'

/** Ends what a process leaves behind. */
export interface Undertaker {
  /** The processes to end now, in place of those said before. */
  watch(pids: readonly number[]): void
  /** Nothing is left to end. */
  dismiss(): void
}

/**
 * When this process is gone, however it went, kills the processes it watches and removes `folder`. A process that gets
 * SIGKILL can do nothing more; but its end of a pipe closes, and at the other end waits a shell.
 */
export function hireUndertaker(folder: string): Undertaker {
  const script =
    'while read -r line; do pids=$line; done; [ -n "$pids" ] && kill -9 $pids && sleep 0.2; rm -rf "$1"'
  // A session of its own: a Ctrl-C in the terminal is not for it.
  const shell = spawn('/bin/sh', ['-c', script, 'undertaker', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  // It must not keep this process alive, whose end is what it waits for.
  ;(shell.stdin as unknown as { unref(): void }).unref()
  return {
    watch: (pids) => void shell.stdin.write(`${pids.join(' ')}\n`),
    dismiss: () => void shell.stdin.end('\n'),
  }
}
