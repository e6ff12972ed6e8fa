import { printableLines } from '../text/printable.ts'

/** A piece of a terminal that is drawn anew in place. */
export interface Screen {
  draw(text: string): void
}

/** What a terminal has besides being written to. */
export type Terminal = NodeJS.WritableStream & {
  readonly isTTY?: boolean
  readonly rows?: number
  readonly columns?: number
}

const BOLD = '\u001b[1m'
const PLAIN = '\u001b[0m'

/** What status has which colour: green goes on, yellow waits, red is over. */
const COLOURS: { readonly [status: string]: string } = {
  running: '\u001b[32m',
  baking: '\u001b[32m',
  shipped: '\u001b[32m',
  holding: '\u001b[33m',
  stopped: '\u001b[33m',
  aborted: '\u001b[31m',
}

/** @param options.isColoured whether the head of a text is in colour */
export function createScreen(terminal: Terminal, { isColoured }: { readonly isColoured: boolean }): Screen {
  let height = 0
  return {
    draw(text) {
      // Some terminals say 0 for "not known".
      const rows = terminal.rows || 24
      const columns = terminal.columns || 80
      // A line that the terminal breaks, or that has left its top, could not be wiped off again.
      const lines = printableLines(text)
        .split('\n')
        .slice(0, rows - 1)
        .map((line) => [...line].slice(0, columns).join(''))
      const [head = '', ...rest] = lines
      const wipe = height === 0 ? '' : `\u001b[${height}F\u001b[J`
      terminal.write(`${wipe}${[isColoured ? paint(head) : head, ...rest].join('\n')}\n`)
      height = lines.length
    },
  }
}

function paint(head: string): string {
  return head.replace(/^([\w.-]+: )(\w+)/, (_, key: string, status: string) => {
    return `${BOLD}${key}${COLOURS[status] ?? ''}${status}${PLAIN}`
  })
}
