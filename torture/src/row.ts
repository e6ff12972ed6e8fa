/** How hard, and with which chances. */
export interface Setting {
  readonly isShort: boolean
  readonly seed: number
  /** Tells how it goes, for whoever waits. */
  readonly progress: (line: string) => void
}

/** What came of one row. */
export interface Suffering {
  /** What was done, in numbers. */
  readonly done: string
  /** Events of which somebody was told that they are safe. */
  readonly acknowledged: number
  /** Of these, those that are nowhere. */
  readonly lost: number
  /** Events that a reader would count twice. */
  readonly doubled: number
  /** Whatever else is wrong, a sentence each. */
  readonly wrong: readonly string[]
}

/** One way to make everything fail. */
export interface Row {
  readonly name: string
  /** Rows of the table of faults. */
  readonly faults: readonly number[]
  /** What must be there to run it; null where all is. */
  readonly missing: () => Promise<string | null>
  readonly run: (setting: Setting) => Promise<Suffering>
}

export function isHeld({ lost, doubled, acknowledged, wrong }: Suffering): boolean {
  return acknowledged > 0 && lost === 0 && doubled === 0 && wrong.length === 0
}
