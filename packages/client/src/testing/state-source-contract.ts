import type { Snapshot } from '@fairtrial/protocol'
import { readSnapshot } from '../read-snapshot.ts'
import type { Inquiry, Reading, StateSource } from '../source.ts'

/** A source under the contract, and the hand that changes what it reads. */
export interface SourceOnTrial {
  readonly source: StateSource
  publish(snapshot: Snapshot): Promise<void> | void
}

/**
 * What the client relies on in every source, as named checks to run in any test framework. Each makes a source of
 * its own, which must read `first` to begin with; `next` is of a later revision.
 */
export function stateSourceContract(
  first: Snapshot,
  next: Snapshot,
  make: () => Promise<SourceOnTrial> | SourceOnTrial,
): readonly { readonly title: string; readonly check: () => Promise<void> }[] {
  const ask = async ({ source }: SourceOnTrial, tag: string | null): Promise<Reading> =>
    source.read({ tag, instanceId: 'contract', signal: new AbortController().signal } satisfies Inquiry)
  const revisionOf = (reading: Reading) =>
    reading.snapshot === undefined ? null : readSnapshot(reading.snapshot).revision
  const expect = (holds: boolean, otherwise: string) => {
    if (!holds) throw new Error(otherwise)
  }
  return [
    {
      title: 'answers who has nothing with a whole snapshot',
      async check() {
        const reading = await ask(await make(), null)
        expect(revisionOf(reading) === first.revision, 'The first reading was not the snapshot published.')
        expect(typeof reading.tag === 'string', 'The snapshot has no tag.')
      },
    },
    {
      title: 'answers who has it already with nothing new',
      async check() {
        const made = await make()
        const { tag = null } = await ask(made, null)
        expect(revisionOf(await ask(made, tag)) === null, 'An unchanged snapshot was read again.')
      },
    },
    {
      title: 'answers who has the one before with the next',
      async check() {
        const made = await make()
        const { tag = null } = await ask(made, null)
        await made.publish(next)
        expect(revisionOf(await ask(made, tag)) === next.revision, 'The change was not read.')
      },
    },
    {
      title: 'keeps no memory of its own: what was not taken is given again',
      async check() {
        const made = await make()
        const { tag = null } = await ask(made, null)
        await made.publish(next)
        await ask(made, tag)
        expect(revisionOf(await ask(made, tag)) === next.revision, 'The change was given once only.')
      },
    },
  ]
}
