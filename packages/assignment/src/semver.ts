// Semantic Versioning 2.0.0, https://semver.org: precedence by §11. Build metadata does not count.

interface Version {
  readonly numbers: readonly string[]
  /** Empty for a release. */
  readonly prerelease: readonly string[]
}

/** No version is longer, and no longer text is looked at: the cost of a hostile attribute is bounded. */
const LONGEST = 256

const NUMBER = '(?:0|[1-9]\\d*)'
const IDENTIFIER = `(?:${NUMBER}|\\d*[a-zA-Z-][0-9a-zA-Z-]*)`
const VERSION = new RegExp(
  `^(${NUMBER})\\.(${NUMBER})\\.(${NUMBER})(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`,
)

function parseVersion(text: string): Version | null {
  const match = text.length > LONGEST ? null : VERSION.exec(text)
  return match && { numbers: match.slice(1, 4), prerelease: match[4]?.split('.') ?? [] }
}

/** Digits without leading zeros, of any length: the longer one is the larger. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

function compareIdentifiers(a: string, b: string): number {
  const aIsNumber = /^\d+$/.test(a)
  const bIsNumber = /^\d+$/.test(b)
  if (aIsNumber && bIsNumber) return compareNumbers(a, b)
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}

function compareVersions(a: Version, b: Version): number {
  for (const [i, number] of a.numbers.entries()) {
    const order = compareNumbers(number, b.numbers[i] ?? '0')
    if (order !== 0) return order
  }
  // A release comes after its own prereleases.
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  for (const [i, identifier] of a.prerelease.entries()) {
    const other = b.prerelease[i]
    if (other === undefined) return 1
    const order = compareIdentifiers(identifier, other)
    if (order !== 0) return order
  }
  return a.prerelease.length - b.prerelease.length
}

const HOLDS: { readonly [comparator: string]: (order: number) => boolean } = {
  '>=': (order) => order >= 0,
  '>': (order) => order > 0,
  '<=': (order) => order <= 0,
  '<': (order) => order < 0,
  '=': (order) => order === 0,
}

/**
 * A range such as `'>=2.1.0 <3.0.0'` as a test of versions; a version without a comparator means `=`.
 * Every comparator must hold. What is no version is in no range, and nothing is in what is no range.
 */
export function versionTest(range: string): (version: string) => boolean {
  const comparators = range
    .trim()
    .split(/\s+/)
    .map((text) => {
      const [, sign = '', rest = ''] = /^(>=|>|<=|<|=|)(.*)$/.exec(text) ?? []
      return { holds: HOLDS[sign || '='], bound: parseVersion(rest) }
    })
  return (text) => {
    const version = parseVersion(text)
    return (
      version !== null &&
      comparators.every(
        ({ holds, bound }) => holds !== undefined && bound !== null && holds(compareVersions(version, bound)),
      )
    )
  }
}
