/** Tells how far a long command is, on a terminal; into a file or a pipe, nothing. */
export interface Progress {
  advance(steps: number): void
  /** Wipes it off. */
  end(): void
}

const WIDTH = 30

/** A bar of so many steps on a terminal's error stream: `######------ 40 % of 3,000 trials`. */
export function createProgress(stream: NodeJS.WritableStream, steps: number, what: string): Progress {
  if (!('isTTY' in stream && stream.isTTY)) return { advance: () => undefined, end: () => undefined }
  let done = 0
  let shown = -1
  return {
    advance(more) {
      done += more
      const percent = Math.floor((100 * done) / steps)
      if (percent === shown) return
      shown = percent
      const full = Math.round((WIDTH * done) / steps)
      const bar = '#'.repeat(full) + '-'.repeat(WIDTH - full)
      stream.write(`\r${bar} ${percent} % of ${steps.toLocaleString('en-US')} ${what}`)
    },
    end: () => void stream.write('\r\u001b[K'),
  }
}
